// Responses by OpenAI's SDK for Node: a stream, a tool, a second stream.
import OpenAI from "openai";
import { QUESTION, getWeather, parameters } from "./weather.mjs";

const client = new OpenAI();
const input = [{ role: "user", content: QUESTION }];
for (;;) {
  const response = await client.responses
    .stream({
      model: process.argv[2],
      input,
      store: false,
      tools: [{ type: "function", name: "get_weather", strict: true, parameters }],
    })
    .finalResponse();
  const calls = response.output.filter((item) => item.type === "function_call");
  if (calls.length === 0) {
    console.log(response.output_text);
    break;
  }
  input.push(...response.output.map(({ parsed_arguments, ...item }) => item));
  for (const { call_id, arguments: told } of calls)
    input.push({ type: "function_call_output", call_id, output: getWeather(JSON.parse(told)) });
}
