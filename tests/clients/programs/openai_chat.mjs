// Chat completions by OpenAI's SDK for Node, which runs the tool itself, in streams.
import OpenAI from "openai";
import { QUESTION, getWeather, parameters } from "./weather.mjs";

const runner = new OpenAI().chat.completions.runTools({
  model: process.argv[2],
  messages: [{ role: "user", content: QUESTION }],
  stream: true,
  stream_options: { include_usage: true },
  tools: [
    {
      type: "function",
      function: { name: "get_weather", parameters, parse: JSON.parse, function: getWeather },
    },
  ],
});
console.log(await runner.finalContent());
