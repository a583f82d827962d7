// The triples of a JSON-LD document by jsonld.js, as N-Quads: node triples.mjs < FILE
import { text } from "node:stream/consumers";
import jsonld from "jsonld";

const document = JSON.parse(await text(process.stdin));
process.stdout.write(await jsonld.toRDF(document, { format: "application/n-quads" }));
