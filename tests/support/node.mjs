// What node.py talks to, in lines of JSON: [script] runs it, [function, argument] answers with {value} or
// {error}.
import { createInterface } from "node:readline";
import { runInThisContext } from "node:vm";

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const [code, ...given] = JSON.parse(line);
  let answer = {};
  try {
    if (given.length) answer = { value: await runInThisContext(`(${code})`)(given[0]) };
    else runInThisContext(code);
  } catch (error) {
    answer = { error: String(error.stack) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
