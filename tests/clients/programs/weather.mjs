// The task of the programs beside this one: a question that needs a tool.
export const QUESTION = "What is the weather in Paris?";

export const parameters = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};

export const getWeather = ({ city }) => `21 degrees in ${city}`;
