// Stands beside the extension under test in the same host. It starts earlier, sees every worker
// thread that is made from then on, and ends them when told to, as a crash would.
const threads = require('node:worker_threads');
const vscode = require('vscode');

const living = new Set();

class WatchedWorker extends threads.Worker {
  constructor(...args) {
    super(...args);
    living.add(this);
    this.once('exit', () => living.delete(this));
  }
}

exports.activate = ({ subscriptions }) => {
  threads.Worker = WatchedWorker;
  subscriptions.push(
    vscode.commands.registerCommand('threadKiller.kill', async () => {
      for (const worker of [...living]) await worker.terminate();
    }),
  );
};
