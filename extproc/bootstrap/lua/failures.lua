-- How much use an error is to a client whose candidates have all failed.
--
-- In scope from what stands before this: settings (a table).

-- nil for what is no failure; settings.final for one that ends a request, whatever came before.
local function use_of(headers)
  local status = tonumber(headers:get(":status"))
  if status < 400 then
    return nil
  end
  local use = settings.uses[status] or (status >= 500 and settings.server_error)
  if not use then
    return headers:get(settings.another_may) and settings.other or settings.final
  end
  if use >= settings.server_error and headers:get("retry-after") then
    use = use + settings.with_time
  end
  return use
end
