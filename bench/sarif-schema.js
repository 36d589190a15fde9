// node bench/sarif-schema.js SCHEMA: validates the SARIF of all lint examples against the official schema
// (github.com/oasis-tcs/sarif-spec, sarif-2.1/schema/sarif-schema-2.1.0.json), which is not part of this repository.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { Ajv } from "ajv";

const [schemaFile] = process.argv.slice(2);
if (schemaFile === undefined) {
  console.error("usage: node bench/sarif-schema.js SCHEMA");
  process.exit(2);
}
const schema = JSON.parse(readFileSync(schemaFile, "utf8"));
delete schema.$schema;
delete schema.id;
const validate = new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
const files = readdirSync("testdata/lint").flatMap(id => [
  `testdata/lint/${id}/fail.json`,
  `testdata/lint/${id}/pass.json`,
]);
const args = [
  "bin/seccraft.js",
  "lint",
  "--format",
  "sarif",
  "--ignore",
  "high-risk-call=an example",
  ...files,
];
const log = JSON.parse(spawnSync(process.execPath, args, { encoding: "utf8" }).stdout);
if (!validate(log)) {
  console.error(validate.errors);
  process.exit(1);
}
console.log(`valid: ${log.runs[0].results.length} results of ${files.length} files`);
