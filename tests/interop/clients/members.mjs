// The members of a linked data event stream, one a line with what it is a version of: node members.mjs URL
import { intoConfig, replicateLDES } from "ldes-client";

const reader = replicateLDES(intoConfig({ url: process.argv[2], exitOnError: true }))
  .stream()
  .getReader();
for (let next = await reader.read(); !next.done; next = await reader.read()) {
  const { id, isVersionOf, timestamp, quads } = next.value;
  console.log(JSON.stringify([id.value, isVersionOf, timestamp, quads.length]));
}
