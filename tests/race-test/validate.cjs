// validate.cjs NPM-FOLDER SCHEMA FILE.sarif...: validates against SARIF's JSON schema (draft 04).
// validate.cjs NPM-FOLDER yaml FILE.yml...: only that the file is YAML.
const { createRequire } = require("module");
const fs = require("fs");
const [folder, schema, ...files] = process.argv.slice(2);
const load = createRequire(fs.realpathSync(folder) + "/");

let check = (text) => load("yaml").parse(text, { strict: true });
if (schema !== "yaml") {
  const ajv = new (load("ajv-draft-04"))({ unicodeRegExp: false, strict: false, allErrors: true });
  load("ajv-formats")(ajv);
  const validate = ajv.compile(JSON.parse(fs.readFileSync(schema, "utf8")));
  check = (text) => {
    if (!validate(JSON.parse(text))) throw new Error(JSON.stringify(validate.errors, null, 1));
  };
}
for (const file of files) {
  try {
    check(fs.readFileSync(file, "utf8"));
  } catch (error) {
    console.error(`${file}: ${error.message}`);
    process.exitCode = 1;
  }
}
