// What Comunica finds at an endpoint: the rows of a query, as texts.
import { QueryEngine } from "@comunica/query-sparql";

let text = "";
for await (const part of process.stdin) text += part;
const { endpoint, query, quads } = JSON.parse(text);
const engine = new QueryEngine();
const context = { sources: [{ type: "sparql", value: endpoint }] };
const found = [];
if (quads) for await (const quad of await engine.queryQuads(query, context)) found.push([quad.subject.value]);
else for await (const row of await engine.queryBindings(query, context)) found.push([...row].map(([, term]) => term.value));
process.stdout.write(JSON.stringify(found));
