// Reads resources as a JSON array from standard input, and writes what is wrong with each of them by
// the schemas of those who define their kinds: one line for each that is not valid.
import { readFileSync } from "node:fs";

const PACKAGES = {
  "gateway.networking.k8s.io": "gateway-api",
  "monitoring.coreos.com": "prometheus-operator",
  "networking.istio.io": "istio",
};

for (const resource of JSON.parse(readFileSync(0, "utf8"))) {
  const [group, version] = resource.apiVersion.split("/");
  const place = `@kubernetes-models/${PACKAGES[group]}/${group}/${version}/${resource.kind}`;
  const Kind = (await import(place))[resource.kind];
  try {
    new Kind(resource).validate();
  } catch (error) {
    console.log(`${resource.kind} ${resource.metadata.name}: ${error.message}`);
  }
}
