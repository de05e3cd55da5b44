import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRuleModes } from '../../../src/domain/ordering/rule-modes.ts';

const CASES = [
  { name: 'nothing sets nothing', text: '', modes: {}, unknown: [] },
  { name: 'one rule is set', text: 'gang-floor=warn', modes: { 'gang-floor': 'warn' }, unknown: [] },
  {
    name: 'several rules are set',
    text: 'gang-floor=warn,pd-ratio=off,scale-with-rollout=enforce',
    modes: { 'gang-floor': 'warn', 'pd-ratio': 'off', 'scale-with-rollout': 'enforce' },
    unknown: [],
  },
  {
    name: 'spaces and empty entries do not matter',
    text: ' gang-floor = warn , , pd-ratio=off, ',
    modes: { 'gang-floor': 'warn', 'pd-ratio': 'off' },
    unknown: [],
  },
  { name: 'false is off', text: 'gang-floor=false', modes: { 'gang-floor': 'off' }, unknown: [] },
  {
    name: 'the last entry for a rule counts',
    text: 'gang-floor=off,gang-floor=warn',
    modes: { 'gang-floor': 'warn' },
    unknown: [],
  },
  {
    name: 'an unknown rule is collected and the others are set',
    text: 'gang-flor=warn,pd-ratio=off',
    modes: { 'pd-ratio': 'off' },
    unknown: ['gang-flor=warn'],
  },
  { name: 'an unknown mode is collected', text: 'gang-floor=deny', modes: {}, unknown: ['gang-floor=deny'] },
  { name: 'true is no mode', text: 'gang-floor=true', modes: {}, unknown: ['gang-floor=true'] },
  { name: 'a mode in capitals is no mode', text: 'gang-floor=Warn', modes: {}, unknown: ['gang-floor=Warn'] },
  { name: 'a rule without a mode is collected', text: 'gang-floor', modes: {}, unknown: ['gang-floor'] },
  { name: 'a rule with an empty mode is collected', text: 'gang-floor=', modes: {}, unknown: ['gang-floor='] },
  { name: 'a mode without a rule is collected', text: '=warn', modes: {}, unknown: ['=warn'] },
  { name: 'two modes are collected', text: 'gang-floor=warn=off', modes: {}, unknown: ['gang-floor=warn=off'] },
  { name: 'names of built-in properties are no rules', text: '__proto__=warn', modes: {}, unknown: ['__proto__=warn'] },
];

for (const { name, text, modes, unknown } of CASES) {
  test(`rule-modes: ${name}`, () => {
    const parsed = parseRuleModes(text);
    assert.deepEqual(parsed.modes, new Map(Object.entries(modes)));
    assert.deepEqual(parsed.unknown, unknown);
  });
}
