import type { DashboardRequest } from '../../link/dashboardLink.ts';
import { formatCount, formatDuration, formatTime } from '../format.ts';
import { Badge, type Tone } from './Badge.tsx';

/** The newest turns, one row each. */
export function Requests({ requests }: { requests: readonly DashboardRequest[] }) {
  return (
    <section aria-labelledby="requests">
      <div class="heading">
        <h2 id="requests">Recent requests</h2>
      </div>
      {requests.length === 0 ? (
        <p class="quiet">None yet. Connect Codex and give it a task.</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th scope="col">Time</th>
              <th scope="col">Model</th>
              <th scope="col">Status</th>
              <th scope="col" class="number">
                First token
              </th>
              <th scope="col" class="number">
                Total
              </th>
              <th scope="col" class="number">
                Input
              </th>
              <th scope="col" class="number">
                Cached
              </th>
              <th scope="col" class="number">
                Output
              </th>
            </tr>
          </thead>
          <tbody>
            {requests.map((request) => (
              <Row key={request.id} request={request} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Row({ request }: { request: DashboardRequest }) {
  return (
    <tr>
      <td class="time">{formatTime(request.startedAt)}</td>
      <th scope="row">{request.model}</th>
      <td>
        <Badge tone={tones[request.status]} text={words[request.status]} />
        {request.error !== undefined && <div class="quiet reason">{request.error}</div>}
      </td>
      <td class="number">{formatDuration(request.firstTokenMs)}</td>
      <td class="number">{formatDuration(request.totalMs)}</td>
      <td class="number">{formatCount(request.inputTokens)}</td>
      <td class="number">{formatCount(request.cachedTokens)}</td>
      <td class="number">{formatCount(request.outputTokens)}</td>
    </tr>
  );
}

const tones: Readonly<Record<DashboardRequest['status'], Tone>> = {
  running: 'busy',
  completed: 'good',
  incomplete: 'plain',
  failed: 'bad',
  aborted: 'plain',
};

const words: Readonly<Record<DashboardRequest['status'], string>> = {
  running: 'Running',
  completed: 'Completed',
  incomplete: 'Incomplete',
  failed: 'Failed',
  aborted: 'Aborted',
};
