// Messages by Anthropic's SDK for Node, which runs the tool itself, in streams.
//
// The SDK keeps the conversation in a thread of the provider's, and sends only what is new, unless
// it is told to send all: the first argument says which.
import Anthropic from "@anthropic-ai/sdk";
import { QUESTION, getWeather, parameters } from "./weather.mjs";

const [where, model] = process.argv.slice(2);
const runner = new Anthropic().beta.messages.toolRunner({
  model,
  max_tokens: 1000,
  messages: [{ role: "user", content: QUESTION }],
  stream: true,
  ...(where === "whole" ? { thread: false } : {}),
  tools: [
    { name: "get_weather", input_schema: parameters, parse: (given) => given, run: getWeather },
  ],
});
let message;
for await (const stream of runner) message = await stream.finalMessage();
console.log(message.content.map((block) => block.text ?? "").join(""));
