// Stands beside the extension under test in the same host, and keeps that host busy when told to, as
// a careless extension would.
const vscode = require('vscode');

exports.activate = ({ subscriptions }) => {
  for (const seconds of [2, 10]) {
    subscriptions.push(
      vscode.commands.registerCommand(`hostBlocker.block${seconds}`, () => {
        const started = Date.now();
        while (Date.now() - started < seconds * 1000);
        void vscode.window.showInformationMessage(`The host was blocked for ${seconds} seconds`);
      }),
    );
  }
};
