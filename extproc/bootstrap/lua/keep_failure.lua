-- After each attempt: the most useful of the errors so far is kept, with what it said.
--
-- In scope from what stands before this: settings (a table) and use_of. What a handle gave before it
-- waited for a body is of no use behind that: Envoy wants to be asked for it again.

-- Bytes; nothing is kept of an error that says more.
local longest_kept = 16 * 1024

local function is_utf8(text)
  local left = string.gsub(text, "[\194-\223][\128-\191]", "")
  left = string.gsub(left, "[\224-\239][\128-\191][\128-\191]", "")
  left = string.gsub(left, "[\240-\244][\128-\191][\128-\191][\128-\191]", "")
  return not string.find(left, "[\128-\255]")
end

function envoy_on_response(handle)
  local use = use_of(handle:headers())
  if not use then
    return
  end
  local metadata = handle:streamInfo():dynamicMetadata()
  local known = metadata:get(settings.namespace)
  local best = known and known.best
  metadata:set(settings.namespace, "last", use)
  if use == settings.final or (best and best.use > use) then
    return
  end
  local body = handle:body(true)
  local size = body:length()
  local text = size <= longest_kept and body:getBytes(0, size) or nil
  if not text or not is_utf8(text) then
    return
  end
  local kept = { use = use, body = text }
  local headers = handle:headers()
  for _, name in ipairs(settings.kept_headers) do
    kept[name] = headers:get(name)
  end
  handle:streamInfo():dynamicMetadata():set(settings.namespace, "best", kept)
end
