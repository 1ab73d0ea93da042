/**
 * What runs in the thread of a {@link SqlThread}: it opens a file at the first statement, and answers one statement after another. It is text, so that a
 * program finds it from sources, from a build and from a bundle alike. What was given up before it began is not begun.
 */
export const SQL_THREAD_CODE = `
const { parentPort, workerData } = require("node:worker_threads");
const Database = require(workerData.library);
let database;

function run({ sql, params }, rows) {
  if (Atomics.load(workerData.isGivenUp, 0) === 1) return;
  database ??= new Database(workerData.path, { readonly: workerData.readOnly, fileMustExist: true, timeout: 0 });
  const statement = database.prepare(sql);
  if (!statement.reader) statement.run(...params);
  else for (const row of statement.iterate(...params)) rows.push(row);
}

parentPort.on("message", (request) => {
  if (request === "close") {
    database?.close();
    parentPort.close();
    return;
  }
  const rows = [];
  try {
    run(request, rows);
    parentPort.postMessage({ rows });
  } catch ({ message, code }) {
    parentPort.postMessage({ rows, failure: { message, code } });
  }
});
`;
