-- SHA-256 of a string, as 64 hexadecimal digits (FIPS 180-4). LuaJIT has 32-bit operations and no
-- hash; Envoy's Lua filter offers none either.

local band, bnot, bor, bxor = bit.band, bit.bnot, bit.bor, bit.bxor
local lshift, rshift, ror, tobit = bit.lshift, bit.rshift, bit.ror, bit.tobit

local function first_primes(count)
  local primes, candidate = {}, 2
  while #primes < count do
    local is_prime = true
    for _, prime in ipairs(primes) do
      if candidate % prime == 0 then
        is_prime = false
        break
      end
    end
    if is_prime then
      primes[#primes + 1] = candidate
    end
    candidate = candidate + 1
  end
  return primes
end

local function fractional_bits(root)
  return tobit(math.floor((root % 1) * 2 ^ 32))
end

local round_constants, initial_state = {}, {}
for index, prime in ipairs(first_primes(64)) do
  round_constants[index] = fractional_bits(prime ^ (1 / 3))
  if index <= 8 then
    initial_state[index] = fractional_bits(math.sqrt(prime))
  end
end

local function big_endian(number)
  local bytes = {}
  for place = 3, 0, -1 do
    bytes[#bytes + 1] = string.char(math.floor(number / 256 ^ place) % 256)
  end
  return table.concat(bytes)
end

local function padded(message)
  local zeros = string.rep("\0", (55 - #message) % 64 + 4)
  return message .. "\128" .. zeros .. big_endian(#message * 8)
end

local function schedule(block, start)
  local words = {}
  for index = 1, 16 do
    local a, b, c, d = string.byte(block, start + 4 * index - 4, start + 4 * index - 1)
    words[index] = bor(lshift(a, 24), lshift(b, 16), lshift(c, 8), d)
  end
  for index = 17, 64 do
    local x, y = words[index - 15], words[index - 2]
    local low = bxor(ror(x, 7), ror(x, 18), rshift(x, 3))
    local high = bxor(ror(y, 17), ror(y, 19), rshift(y, 10))
    words[index] = tobit(words[index - 16] + low + words[index - 7] + high)
  end
  return words
end

local function compress(state, words)
  local a, b, c, d, e, f, g, h = unpack(state)
  for index = 1, 64 do
    local choice = bxor(band(e, f), band(bnot(e), g))
    local majority = bxor(band(a, b), band(a, c), band(b, c))
    local first = h + bxor(ror(e, 6), ror(e, 11), ror(e, 25)) + choice
    first = tobit(first + round_constants[index] + words[index])
    local second = bxor(ror(a, 2), ror(a, 13), ror(a, 22)) + majority
    h, g, f, e, d, c, b, a = g, f, e, tobit(d + first), c, b, a, tobit(first + second)
  end
  for index, value in ipairs({ a, b, c, d, e, f, g, h }) do
    state[index] = tobit(state[index] + value)
  end
end

local function sha256(message)
  local state, whole = { unpack(initial_state) }, padded(message)
  for start = 1, #whole, 64 do
    compress(state, schedule(whole, start))
  end
  local digits = {}
  for index, value in ipairs(state) do
    digits[index] = bit.tohex(value)
  end
  return table.concat(digits)
end
