// The rows of a SELECT by Comunica, one a line, by the names of their variables: node bindings.mjs SOURCE
// QUERY
import { QueryEngine } from "@comunica/query-sparql";

const [source, query] = process.argv.slice(2);
const rows = await (await new QueryEngine().queryBindings(query, { sources: [source] })).toArray();
for (const row of rows) {
  const names = [...row.keys()]
    .map((variable) => variable.value)
    .sort()
    .reverse();
  console.log(names.map((name) => row.get(name).value).join(","));
}
