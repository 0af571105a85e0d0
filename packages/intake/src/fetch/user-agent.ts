import packageJson from '../../package.json' with { type: 'json' }

/** The product's token in robots.txt. */
export const robotName = 'Extropy'

/** `Extropy/0.1.0 (+https://example.org/about-our-reader)`: an operator who is bothered must find somebody to write to. */
export function userAgent(contact?: string): string {
  const name = `${robotName}/${packageJson.version}`
  if (contact === undefined || contact === '') return name
  if (!/^[\x21-\x27\x2a-\x7e]{1,200}$/.test(contact)) {
    throw new TypeError(
      'USER_AGENT_CONTACT must be a URL or a mail address, of up to 200 characters without spaces or brackets',
    )
  }
  return `${name} (+${contact})`
}
