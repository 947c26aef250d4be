const valid = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * A call id of at most 64 letters, digits, dashes and underscores. Histories may hold ids of other
 * providers, of any length and with any characters; the same id always becomes the same.
 */
export function plainCallId(callId: string): string {
  return valid.test(callId) ? callId : replaced(callId);
}

/** A call id of at most 64 characters, whichever they are. */
export function shortCallId(callId: string): string {
  return callId.length <= 64 ? callId : replaced(callId);
}

function replaced(callId: string): string {
  return `${callId.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 48)}_${fingerprint(callId)}`;
}

/** 64 bits of a text (FNV-1a) in base 36. */
function fingerprint(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash.toString(36);
}
