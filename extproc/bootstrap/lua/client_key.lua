-- The client's own key, put to a provider where that one looks for it.
--
-- In scope from what stands before this: settings (a table).

local function token_in(authorization)
  return string.match(authorization, "^[Bb][Ee][Aa][Rr][Ee][Rr]%s+(%S+)%s*$")
    or string.match(authorization, "^%S+$")
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local token = token_in(headers:get("authorization") or "")
  headers:remove("authorization")
  local key = token
  for _, name in ipairs(settings.key_headers) do
    key = key or headers:get(name)
    headers:remove(name)
  end
  if not key then
    return
  end
  local stays = settings.bearer_tokens
  if token and stays ~= "" and string.sub(token, 1, #stays) == stays then
    headers:add("authorization", "Bearer " .. token)
  else
    headers:add(settings.header, settings.prefix .. key)
  end
end
