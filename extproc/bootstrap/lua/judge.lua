-- Whether what a provider sends is an answer at all. What is not becomes a 502 that says what came.
--
-- In scope from what stands before this: settings (a table). What a handle gave before it waited for
-- a body is of no use behind that: Envoy wants to be asked for it again.

-- Bytes up to which an answer is read whole; of a longer one, its beginning and its end.
local most_read = 8 * 1024
local longest_shown = 300

local find, byte = string.find, string.byte
local QUOTE, BACKSLASH, OPEN, OPEN_LIST = 34, 92, 123, 91

-- Where the string ends that begins at a quote; nil if it does not.
local function end_of_string(text, start)
  local at = start
  while true do
    at = find(text, '"', at + 1, true)
    if not at then
      return nil
    end
    local before = at - 1
    while byte(text, before) == BACKSLASH do
      before = before - 1
    end
    if (at - before) % 2 == 1 then
      return at
    end
  end
end

-- Whether all that a text opens is closed, strings too: half a JSON document is not.
local function is_whole(text)
  local depth, at = 0, find(text, '["{}%[%]]')
  while at do
    local what = byte(text, at)
    if what == QUOTE then
      at = end_of_string(text, at)
      if not at then
        return false
      end
    else
      depth = depth + ((what == OPEN or what == OPEN_LIST) and 1 or -1)
    end
    at = find(text, '["{}%[%]]', at + 1)
  end
  return depth == 0
end

-- Whether some list of choices has no members. What is plain is found many times sooner than a
-- pattern, and a pattern at one place costs nothing.
local function lacks_choices(text)
  local at = find(text, '"choices"', 1, true)
  while at and not find(text, '^"choices"%s*:%s*%[%s*%]', at) do
    at = find(text, '"choices"', at + 1, true)
  end
  return at ~= nil
end

-- Why the choices of a chat completion ended, with commas between them; empty where none says so.
-- A quote that has a backslash before it belongs to a string.
local function finish_reasons(body)
  local size = body:length()
  local from = math.max(0, size - most_read)
  local text = body:getBytes(from, size - from)
  local found = {}
  local at = find(text, '"finish_reason"', 1, true)
  while at do
    if at > 1 and byte(text, at - 1) ~= BACKSLASH then
      found[#found + 1] = string.match(text, '^"finish_reason"%s*:%s*"([%w_]+)"', at)
    end
    at = find(text, '"finish_reason"', at + 1, true)
  end
  return table.concat(found, ",")
end

local function quoted(text)
  local escapes = { ['"'] = '\\"', ["\\"] = "\\\\" }
  return (string.gsub(text, '["\\]', escapes))
end

-- What people may be shown of a text: its beginning, on one line.
local function shown(text)
  local beginning = string.sub(text, 1, longest_shown)
  beginning = string.gsub(beginning, "[\128-\255]+", "?")
  beginning = string.gsub(beginning, "[%c%s]+", " ")
  return beginning .. (#text > longest_shown and "..." or "")
end

-- What is wrong with the body of an answer in JSON, nil if nothing is.
local function wrong_with(body)
  local size = body:length()
  local head = body:getBytes(0, math.min(size, most_read))
  if not string.find(head, "%S") then
    return "empty", "gave an empty answer", ""
  end
  if not string.find(head, "^%s*{") then
    return "not_json", "gave no JSON but this: ", head
  end
  local tail = size > most_read and body:getBytes(size - 64, 64) or head
  -- Reversed, for only where it begins is a pattern tried but once.
  local closed = string.find(string.reverse(tail), "^%s*}")
  if not closed or (size <= most_read and not is_whole(head)) then
    return "cut_short", "gave half an answer: ", head
  end
  if string.find(head, '^%s*{%s*"error"%s*:%s*[{"]')
    or string.find(head, '^%s*{%s*"type"%s*:%s*"error"')
  then
    return "error", "gave an error with status 200: ", head
  end
  if lacks_choices(head) and string.find(head, '"chat.completion"', 1, true) then
    return "no_choices", "gave an answer without choices: ", head
  end
end

-- The host that a redirect leads to: the rest of the address may hold what is secret.
local function host_of(location)
  local authority = string.match(location or "", "^%a*:?//([^/?#]+)")
  return authority and string.gsub(authority, "^.*@", "") or "another path of the same host"
end

local function form_for(path)
  local plain = string.match(path or "", "^[^?]*")
  for _, form in ipairs(settings.forms) do
    if string.sub(plain, -#form.ending) == form.ending then
      return form
    end
  end
  return settings.forms[1]
end

local function replace(handle, body, known, verdict, words, text)
  local form = form_for(known.upstream_path)
  local message = "The provider of " .. (known.model or "this model") .. " " .. words .. shown(text)
  local size = body:setBytes(form.before .. quoted(message) .. form.after)
  local headers = handle:headers()
  headers:replace(":status", "502")
  headers:replace("content-type", "application/json")
  headers:replace("content-length", tostring(size))
  headers:replace(settings.another_may, settings.no_answer)
  headers:remove("location")
  headers:remove("transfer-encoding")
  handle:streamInfo():dynamicMetadata():set(settings.namespace, "verdict", verdict)
end

local function judge_redirect(handle, known)
  local words = "redirects to " .. host_of(handle:headers():get("location"))
    .. ", and redirects are not followed"
  replace(handle, handle:body(true), known, "redirected", words, "")
end

local function judge_whole(handle, kind, known)
  local body = handle:body(true)
  local verdict, words, text = wrong_with(body)
  if verdict then
    replace(handle, body, known, verdict, words, text)
    return
  end
  if not string.find(kind, "^application/json") then
    handle:headers():replace("content-type", "application/json")
  end
  if settings.reported then
    local reasons = finish_reasons(body)
    if reasons ~= "" then
      handle:streamInfo():dynamicMetadata():set(settings.reported, settings.finish_reasons, reasons)
    end
  end
end

-- Streams are never held: what they are is told by their headers, unless their length is known.
local function judge_stream(handle, kind, known)
  local headers = handle:headers()
  local length = headers:get("content-length")
  if headers:get(":status") == "204" then -- which has no body, and need not say so
    length = "0"
  end
  if string.find(kind, "^text/event%-stream") and length ~= "0" then
    if kind ~= headers:get("content-type") then
      headers:replace("content-type", kind)
    end
    return
  end
  if not length and not string.find(kind, "json") and not string.find(kind, "html") then
    headers:replace("content-type", "text/event-stream")
    return
  end
  local body = handle:body(true)
  local head = body:getBytes(0, math.min(body:length(), most_read))
  if string.find(head, "^%s*%l+:") or string.find(head, "^%s*:") then
    handle:headers():replace("content-type", "text/event-stream")
  elseif string.find(head, "%S") then
    replace(handle, body, known, "not_a_stream", "was asked for a stream and gave this: ", head)
  else
    replace(handle, body, known, "empty", "gave an empty answer", "")
  end
end

function envoy_on_response(handle)
  local headers = handle:headers()
  local status = headers:get(":status")
  local class = string.sub(status, 1, 1)
  if class ~= "1" and class ~= "2" and (class ~= "3" or status == "304") then
    return
  end
  local known = handle:streamInfo():dynamicMetadata():get(settings.namespace) or {}
  if class == "1" then -- 101 alone comes here, and nobody has asked for another protocol
    replace(handle, handle:body(true), known, "another_protocol", "switches to another protocol", "")
    return
  end
  if class == "3" then
    judge_redirect(handle, known)
    return
  end
  local path = string.match(known.path or "", "^[^?]*")
  local packed = headers:get("content-encoding")
  if not settings.endpoints[path] or (packed and packed ~= "identity") then
    return
  end
  local kind = string.lower(headers:get("content-type") or "")
  if known.streamed == "1" then
    judge_stream(handle, kind, known)
  else
    judge_whole(handle, kind, known)
  end
end
