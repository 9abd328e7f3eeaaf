-- Who may come in, and what is left at the door.
--
-- In scope from what stands before this: settings (a table) and sha256.

local longest_shown = 200

local asked_for = { [":path"] = true, [":method"] = true, [":authority"] = true, origin = true }
for _, name in ipairs(settings.key_headers) do
  asked_for[name] = true
end

-- The hash of each key that opens this listener.
local opens
for _, variable in ipairs(settings.key_variables) do
  local key = os.getenv(variable)
  if not key or key == "" then
    error("the environment variable " .. variable .. " holds no API key")
  end
  opens = opens or {}
  opens[sha256(key)] = true
end

-- The keys seen last and their hashes: a client's every request has the same one.
local hashes, hashes_kept, most_hashes = {}, 0, 1000

local function hash_of(key)
  local known = hashes[key]
  if not known then
    if hashes_kept >= most_hashes then
      hashes, hashes_kept = {}, 0
    end
    known = sha256(key)
    hashes[key], hashes_kept = known, hashes_kept + 1
  end
  return known
end

local function token(authorization)
  return string.match(authorization, "^[Bb][Ee][Aa][Rr][Ee][Rr]%s+(%S+)%s*$") or authorization
end

local function names_an_address(host)
  return host == "localhost"
    or string.find(host, "^%d+%.%d+%.%d+%.%d+$") ~= nil
    or string.find(host, "^%[[%x:.]+%]$") ~= nil
end

local function host_is_ours(authority)
  local host = string.lower(string.gsub(authority, ":%d+$", ""))
  return names_an_address(host) or settings.hosts["*"] or settings.hosts[host]
end

-- A client's key, and the name of the header that it is in. Where keys open this listener, it is
-- the first one that does; nil if there is none.
local function key_in(said)
  for _, name in ipairs(settings.key_headers) do
    local value = said[name]
    local key = value and token(value)
    if key and key ~= "" and (not opens or opens[hash_of(key)]) then
      return key, name
    end
  end
end

local function decoded(text)
  return (string.gsub(text, "%%(%x%x)", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

-- Some servers take a semicolon for the end of a parameter, too.
local function is_credential(parameter)
  for part in string.gmatch(parameter, "[^;]+") do
    local name = decoded(string.match(part, "^[^=]*"))
    if settings.credentials[string.lower((string.gsub(name, "[^%w]", "")))] then
      return true
    end
  end
end

-- The path without the parameters of its query that are credentials.
local function without_credentials(path)
  local before, query = string.match(path, "^([^?]*)%?(.*)$")
  if not query then
    return path
  end
  local kept = {}
  for parameter in string.gmatch(query, "[^&]+") do
    if not is_credential(parameter) then
      kept[#kept + 1] = parameter
    end
  end
  return #kept == 0 and before or before .. "?" .. table.concat(kept, "&")
end

-- What the headers say that are asked for here, and whether there are too many. They are gone
-- through once, for every question to Envoy costs as much as all that is done with an answer. What
-- comes several times has commas between, as Envoy has it.
local function read(headers)
  local said, count, size = {}, 0, 0
  for name, value in pairs(headers) do
    count, size = count + 1, size + #name + #value
    if asked_for[name] then
      said[name] = said[name] and said[name] .. "," .. value or value
    end
  end
  return said, count > settings.most_headers or size > settings.most_header_bytes
end

-- Before anything can be refused: what is refused is logged.
local function clean(headers, path)
  local left = without_credentials(path)
  if left ~= path then
    headers:replace(":path", left)
  end
  headers:replace(settings.path, left)
end

-- The status with which a request is turned away, why, as a token for the log, and the words for its
-- client; nil if it may come in.
local function refusal(headers)
  local said, crowded = read(headers)
  clean(headers, said[":path"] or "")
  if said[":method"] == "CONNECT" then
    return "405", "connect", "This is a router of requests; it opens no tunnels."
  end
  if crowded then
    return "431", "headers", settings.too_large
  end
  local origin = said.origin
  if origin and not (settings.origins["*"] or settings.origins[origin]) then
    return "403", "origin", "Web pages of " .. string.sub(origin, 1, longest_shown)
      .. " may not use this router. If they should, list this origin as listeners[].cors.origins."
  end
  local authority = said[":authority"] or ""
  if settings.checks_host and not host_is_ours(authority) then
    return "403", "host", "This router is not known as " .. string.sub(authority, 1, longest_shown)
      .. ". Call it by its address, or list this name as dragoman.allowed_hosts."
  end
  local key, name = key_in(said)
  if opens and not key then
    return "401", "api_key", "This router wants one of its API keys (listeners[].api_keys), as a "
      .. "bearer token or as x-api-key."
  end
  if opens then
    headers:remove(name)
  end
  if key then
    headers:replace(settings.client, string.sub(hash_of(key), 1, 32))
  end
end

local function remember(handle, why)
  handle:streamInfo():dynamicMetadata():set(settings.namespace, settings.turned_away, why)
end

-- Envoy lets a request pass whose script fails; this door stays shut.
function envoy_on_request(handle)
  local fine, status, why, words = pcall(refusal, handle:headers())
  if not fine then
    status, why, words = "500", "failed", "The router could not read the headers of this request."
  end
  if status then
    pcall(remember, handle, why)
    handle:respond({ [":status"] = status }, words)
  end
end
