import {
  BaseResolver,
  createConfig,
  lintDocument,
  makeDocumentFromString,
  type NormalizedProblem,
} from '@redocly/openapi-core'
import spectral from '@stoplight/spectral-core'
import rulesets from '@stoplight/spectral-rulesets'
import { openApiDocument } from '../src/http/openapi.ts'

/** Fails where the OpenAPI document breaks a rule of Redocly's `recommended` or of Spectral's `oas`, warnings too. */
const text = JSON.stringify(openApiDocument('0.0.0'), null, 2)
const problems = [...(await redocly()), ...(await spectralOas())]
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1

async function redocly(): Promise<string[]> {
  const document = makeDocumentFromString(text, 'openapi.json')
  const config = await createConfig({
    extends: ['recommended'],
    // `/api/attributions/received/{userId}` beside `/api/attributions/{cardId}/graph`: an id is a UUID, never `received`.
    rules: { 'no-ambiguous-paths': 'off' },
  })
  const found: NormalizedProblem[] = await lintDocument({ document, externalRefResolver: new BaseResolver(), config })
  return found.map(({ ruleId, message, location }) => `Redocly ${ruleId}: ${message} (${location[0]?.pointer ?? ''})`)
}

async function spectralOas(): Promise<string[]> {
  const linter = new spectral.Spectral()
  linter.setRuleset({ extends: [rulesets.oas] } as unknown as spectral.Ruleset)
  const found = await linter.run(text)
  return found.map(({ code, message, path }) => `Spectral ${code}: ${message} (${path.join('.')})`)
}
