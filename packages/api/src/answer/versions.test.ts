import { expect, test } from 'vitest'
import { namesVersion, versionsIn } from './versions.ts'

test.each([
  ['What is new in Node.js 40?', ['Node.js 40']],
  ['what is new in rust 3.0', ['rust 3.0']],
  ['Is ESLint v14 stable?', ['ESLint v14']],
  ['what was fixed in 1.52.1', ['1.52.1']],
  ['what is CVE-2019-99999 about', ['CVE-2019-99999']],
  ['RFC 2789 in short', ['RFC 2789']],
  ['Which 3 things happened in May 2015?', []],
  ['What 3 things does the Air Force do', []],
  ['What was the budget of Rust 2021?', []],
  ['security releases after 2026-01-01', []],
  ['how many users had it in 2019', []],
])('%s names %j', (question, versions) => {
  expect(versionsIn(question).map(({ written }) => written)).toEqual(versions)
})

test.each([
  ['Rust 1.97', 'Announcing Rust 1.97.0'],
  ['Rust 1.97.0', 'since Rust 1.97, it is'],
  ['Rust 1.52.1', 'Rust: we have issued 1.52.1 today.'],
  ['Node.js 20', 'for Node 18, 20, and 22'],
  ['Node.js 20', 'Node.js v18 to v20'],
  ['ESLint 9', 'ESLint news: as of v9.0.0, it is on'],
  ['World War 2', 'after World War II'],
])('%s is in: %s', (question, text) => {
  expect(versionsIn(question).every((version) => namesVersion(text, version))).toBe(true)
})

test.each([
  ['Rust 3.0', 'OpenSSL 3.0 and CVSS:3.0/AV:N'],
  ['Rust 3.0', 'what is new in 3.0'],
  ['Rust 1.97.9', 'Announcing Rust 1.97.0'],
  ['Rust 1.9', 'Announcing Rust 1.97.0'],
  ['Node.js 40', 'with 40 plus core committers of Node.js'],
  ['ESLint 15', '0.15.0 adds more options, after 15 months'],
  ['ESLint 1.0.0', 'ESLint 1.0.0-rc-2 released'],
  ['ESLint v9', 'ESLint v9.0.0-alpha.1 is out'],
  ['CVE-2019-99999', 'CVE-2019-9999 and CVE-2019-999991'],
])('%s is not in: %s', (question, text) => {
  expect(versionsIn(question).every((version) => namesVersion(text, version))).toBe(false)
})
