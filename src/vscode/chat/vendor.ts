/** By this the manifest and other extensions know our models. */
export const chatVendor = 'opencodex';
