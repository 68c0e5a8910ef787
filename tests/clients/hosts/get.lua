-- get.lua URL: the body on stdout.
local curl = require "curl"
local handle = curl.easy_init()
handle:setopt(curl.OPT_URL, arg[1])
handle:setopt(curl.OPT_WRITEFUNCTION, function(data)
  io.stdout:write(data)
  return #data
end)
local done, problem = handle:perform()
if not done then
  io.stderr:write(tostring(problem), "\n")
  os.exit(1)
end
