import {
  type ApiAnswer,
  type ApiCall,
  type ApiInput,
  type ApiName,
  type ApiReply,
  apiCall,
  apiResult,
} from '../link/api.ts';

/** The management API for the commands: an answer, or an error whose sentence is for the user. */
export type Ask = <K extends ApiName>(name: K, input: ApiInput<K>) => Promise<ApiAnswer<K>>;

/** The proxy's refusal, or its absence. */
export class ApiFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function management(api: (call: ApiCall) => Promise<ApiReply>): Ask {
  return async (name, input) => {
    const result = apiResult(name, await api(apiCall(name, input)));
    if (!result.ok) throw new ApiFailure(result.status, result.message);
    return result.value;
  };
}
