// Stops with a clear sentence on a Node that cannot run this project's scripts. Plain JavaScript,
// because an old Node could not even read the others.
const wanted = 24;
const major = Number(process.versions.node.split('.')[0]);
if (major < wanted) {
  console.error(
    `OpenCodex: this script runs on Node ${wanted} or newer, but found ${process.versions.node} at ${process.execPath}.\n` +
      'Run "npm ci" and start scripts with "npm run …": the project brings its own Node as a devDependency. ' +
      '("npm ci --ignore-scripts" leaves it out.)',
  );
  process.exit(1);
}
