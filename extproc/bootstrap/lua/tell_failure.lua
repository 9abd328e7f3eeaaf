-- When all candidates have failed: the client is told the most useful of their errors.
--
-- In scope from what stands before this: settings (a table) and use_of.

function envoy_on_response(handle)
  local headers = handle:headers()
  local use = use_of(headers)
  if not use then
    return
  end
  local metadata = handle:streamInfo():dynamicMetadata()
  local known = metadata:get(settings.namespace)
  local best = known and known.best
  if not best then
    return
  end
  -- The access log tells all metadata that it finds at the end.
  metadata:set(settings.namespace, "best", "")
  -- An attempt's answer has lost by now what tells whether it moved on; a reply of ingress never had.
  local model = headers:get(settings.model)
  use = model and known.last or use
  if use == settings.final or use >= best.use or model == best[settings.model] then
    return
  end
  local size = handle:body(true):setBytes(best.body)
  for _, name in ipairs(settings.kept_headers) do
    if best[name] then
      handle:headers():replace(name, best[name])
    else
      handle:headers():remove(name)
    end
  end
  handle:headers():replace("content-length", tostring(size))
end
