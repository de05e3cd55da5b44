import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { admissionHandler } from '../../src/admission/handler.ts';
import { allowed, type Decision, denied, patched } from '../../src/admission/response.ts';
import { listTexts, objectAt, textOf } from '../../src/workloads/core/json.ts';
import { addAnnotations } from '../../src/workloads/core/json-patch.ts';
import { review } from '../builders/review.ts';
import { answerTo } from './webhook.ts';

const answerTo1 = (response: object) => answerTo('1', response);

async function answerOf(decision: Decision): Promise<object> {
  const handle = admissionHandler(
    () => decision,
    (_request, _decision, problem) => assert.equal(problem, null),
  );
  return handle(review({ uid: '1' }));
}

async function warningsOf(...warnings: readonly string[]): Promise<readonly string[]> {
  return listTexts(objectAt(await answerOf(allowed(warnings)), 'response'), 'warnings');
}

describe('a response', () => {
  it('holds no more than uid and allowed when there is nothing to say', async () => {
    assert.equal(JSON.stringify(await answerOf(allowed())), answerTo1({ allowed: true }));
  });

  it('holds audit annotations, then warnings', async () => {
    assert.equal(
      JSON.stringify(await answerOf({ ...allowed(['look out']), audit: { victims: 'ms-1' } })),
      answerTo1({ allowed: true, auditAnnotations: { victims: 'ms-1' }, warnings: ['look out'] }),
    );
  });

  it('holds a refusal as a status that nobody retries', async () => {
    assert.equal(
      JSON.stringify(await answerOf(denied('too many', ['look out']))),
      answerTo1({
        allowed: false,
        status: { code: 403, reason: 'Forbidden', message: 'too many' },
        warnings: ['look out'],
      }),
    );
  });

  it('holds a refusal in so many words that somebody may read them', async () => {
    for (const [given, kept] of [
      ['x'.repeat(4096), 4096],
      ['x'.repeat(4097), 4096],
      ['\u{1f600}'.repeat(4096), 4096],
      ['\u{1f600}'.repeat(60_000), 4096],
    ] as const) {
      const message = textOf(objectAt(await answerOf(denied(given)), 'response', 'status').message) ?? '';
      assert.equal([...message].length, kept);
      assert.equal(message.endsWith('…'), [...given].length > 4096);
    }
  });

  it('holds a patch as base64 of JSON', async () => {
    const patch = [{ op: 'add', path: '/metadata/annotations/a~1b~0c', value: 'é' }] as const;
    const encoded = 'W3sib3AiOiJhZGQiLCJwYXRoIjoiL21ldGFkYXRhL2Fubm90YXRpb25zL2F+MWJ+MGMiLCJ2YWx1ZSI6IsOpIn1d';
    assert.deepEqual(addAnnotations(true, { 'a/b~c': 'é' }), patch);
    assert.equal(
      JSON.stringify(await answerOf(patched(patch))),
      answerTo1({ allowed: true, patchType: 'JSONPatch', patch: encoded }),
    );
  });
});

describe('warnings', () => {
  it('that are short are sent beside what leaves no room for long ones', async () => {
    const long = Array.from({ length: 4 }, () => 'x'.repeat(1000));
    assert.deepEqual(await warningsOf(...long, 'y'.repeat(97), 'z'.repeat(96)), [...long, 'z'.repeat(96)]);
  });

  it('lose their control characters, for which kube-apiserver would drop them', async () => {
    assert.deepEqual(await warningsOf('a\nb\r\n\tc\u0000d\u007fe\u0085f\u009fg'), ['a b c d e f g']);
    assert.deepEqual(await warningsOf('größer → 少し'), ['größer → 少し']);
  });

  it('are cut at 1,024 characters each, however many bytes those take', async () => {
    assert.deepEqual(await warningsOf('a'.repeat(1024), 'b'), ['a'.repeat(1024), 'b']);
    assert.deepEqual(await warningsOf('𝄞'.repeat(1025), 'b'), [`${'𝄞'.repeat(1023)}…`, 'b']);
  });

  it('stop at 4,096 characters in all', async () => {
    const thousand = 'a'.repeat(1000);
    const four = [thousand, thousand, thousand, thousand];
    assert.deepEqual(await warningsOf(...four, 'b'.repeat(96), 'c'), [...four, 'b'.repeat(96)]);
    assert.deepEqual(await warningsOf(...four, 'b'.repeat(97)), four);
  });
});
