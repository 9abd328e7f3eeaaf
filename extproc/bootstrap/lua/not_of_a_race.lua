-- Behind the script that keeps errors: it is not asked where attempts of one request race.
--
-- In scope from what stands before this: settings (a table) and the script's envoy_on_response.

local keep = envoy_on_response

function envoy_on_request(handle)
  if handle:headers():get(settings.hedged) then
    handle:streamInfo():dynamicMetadata():set(settings.namespace, "races", true)
  end
end

function envoy_on_response(handle)
  local known = handle:streamInfo():dynamicMetadata():get(settings.namespace)
  if not (known and known.races) then
    keep(handle)
  end
end
