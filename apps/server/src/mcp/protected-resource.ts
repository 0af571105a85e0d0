/** RFC 9728: where a client finds out how to call `/mcp`; with the resource's path, and without, as older clients ask. */
export const metadataPaths = ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource']

/** No authorization server: keys are made here, by `pnpm keys` or /api/keys, and sent as bearer tokens. */
export function protectedResource(origin: string) {
  return {
    resource: `${origin}/mcp`,
    resource_name: 'Extropy',
    scopes_supported: ['read', 'write'],
    bearer_methods_supported: ['header'],
    resource_documentation: `${origin}/docs`,
  }
}

/** `WWW-Authenticate` of a 401: the error only where a key came, as RFC 6750 has it. */
export function challenge(origin: string, hasKey: boolean): string {
  const error = hasKey ? ' error="invalid_token",' : ''
  return `Bearer realm="extropy",${error} scope="read", resource_metadata="${origin}${metadataPaths[0]}"`
}
