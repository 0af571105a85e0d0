/**
 * What no compiler reads and CI or Docker would only refuse when they run it: workflows and actions against GitHub's schema,
 * the Dockerfile against Docker's instructions. hadolint and a current actionlint are no packages of npm. And what nobody would
 * notice: a server that ci.yml does not name, so that its tests are left out there.
 */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { validateAction, validateWorkflow } from '@action-validator/core'
import { ValidationSeverity, type ValidatorSettings, validate } from 'dockerfile-utils'

const root = join(import.meta.dirname, '..')
const strict: ValidatorSettings = {
  deprecatedMaintainer: ValidationSeverity.ERROR,
  directiveCasing: ValidationSeverity.ERROR,
  emptyContinuationLine: ValidationSeverity.ERROR,
  instructionCasing: ValidationSeverity.ERROR,
  instructionCmdMultiple: ValidationSeverity.ERROR,
  instructionEntrypointMultiple: ValidationSeverity.ERROR,
  instructionHealthcheckMultiple: ValidationSeverity.ERROR,
  instructionJSONInSingleQuotes: ValidationSeverity.ERROR,
  instructionWorkdirRelative: ValidationSeverity.ERROR,
}

const settings = readFileSync(join(root, 'vitest.config.ts'), 'utf8').match(/\bTEST_\w+_URL\b/g) ?? []
const ci = readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8')

const problems = [
  ...[...new Set(settings)]
    .filter((name) => !new RegExp(`^ +${name}: \\S`, 'm').test(ci))
    .map((name) => `.github/workflows/ci.yml: sets no ${name}, so that tests are left out`),
  ...globSync('.github/{workflows,actions/*}/*.yml', { cwd: root }).flatMap((file) =>
    (file.includes('/actions/') ? validateAction : validateWorkflow)(readFileSync(join(root, file), 'utf8')).errors.map(
      (error) => `${file}: ${error.title}${'path' in error ? ` at ${error.path}` : ''}: ${error.detail ?? error.code}`,
    ),
  ),
  ...validate(readFileSync(join(root, 'Dockerfile'), 'utf8'), strict).map(
    ({ message, range }) => `Dockerfile:${range.start.line + 1}: ${message}`,
  ),
]
for (const problem of problems) process.stderr.write(`${problem}\n`)
if (problems.length > 0) process.exitCode = 1
