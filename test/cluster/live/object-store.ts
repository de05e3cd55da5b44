import { type JsonObject, objectAt, textOf } from '../../../src/workloads/core/json.ts';
import { applyPatch } from './json-patch.ts';

/** A status and a body as the apiserver answers them. */
export type Answer = readonly [status: number, body: JsonObject];

export interface StoredEvent {
  readonly version: number;
  readonly type: string;
  readonly object: JsonObject;
}

interface Collection {
  readonly objects: Map<string, JsonObject>;
  readonly events: StoredEvent[];
  /** Watches from before this version are told 410. */
  compacted: number;
}

type Query = Readonly<Record<string, string>>;

/** Which objects a list or watch is of: a field selector may name one. */
export function selected({ fieldSelector }: Query): (object: JsonObject) => boolean {
  const [, name] = /^metadata\.name=(.+)$/.exec(fieldSelector ?? '') ?? [];
  return (object) => name === undefined || objectAt(object, 'metadata').name === name;
}

/** A cluster's objects and the events that led to them, by the path of their collection, e.g. `/api/v1/pods`. */
export abstract class ObjectStore {
  /** The largest page of a list. */
  page = 500;
  readonly #collections = new Map<string, Collection>();
  #version = 100;

  /** Called after every event. */
  protected abstract told(): void;

  get version(): number {
    return this.#version;
  }

  get paths(): readonly string[] {
    return [...this.#collections.keys()];
  }

  /** Begins to serve a collection, empty. */
  serve(path: string): void {
    this.#collections.set(path, { objects: new Map(), events: [], compacted: 0 });
  }

  /** Stops serving a collection, as when its CRD is deleted. */
  withdraw(path: string): void {
    this.#collections.delete(path);
  }

  /** Creates or replaces an object. */
  put(path: string, object: JsonObject): JsonObject {
    const { objects } = this.#collection(path);
    return this.#record(path, objects.has(keyOf(object)) ? 'MODIFIED' : 'ADDED', object);
  }

  get(path: string, namespace: string, name: string): JsonObject | undefined {
    return this.#collection(path).objects.get(`${namespace}/${name}`);
  }

  remove(path: string, namespace: string, name: string): void {
    this.#record(path, 'DELETED', this.get(path, namespace, name) ?? {});
  }

  /** Tells the watches of a collection how far they are. */
  bookmark(path: string): void {
    this.#record(path, 'BOOKMARK', {});
  }

  /** From now on, watches from before now are answered with 410, as after etcd's compaction. */
  compact(): void {
    this.#version += 1;
    for (const collection of this.#collections.values()) collection.compacted = this.#version;
  }

  /** Counts versions from far below on, as after etcd was restored from a backup; watches from above hear nothing. */
  restore(): void {
    this.#version -= 90;
    for (const { events } of this.#collections.values()) events.length = 0;
  }

  /** What has happened in a collection since a version, or why nobody can tell. */
  eventsSince(path: string, version: number): readonly StoredEvent[] | Answer {
    const collection = this.#collections.get(path);
    if (collection === undefined) return failure(404, 'NotFound');
    if (version < collection.compacted) return failure(410, 'Expired');
    return collection.events.filter((event) => event.version > version);
  }

  /** Answers a GET of a collection, an object in one, an API group or a version of one. */
  read(path: string, query: Query): Answer {
    const collection = this.#collections.get(path);
    if (collection !== undefined) return [200, this.#list(collection, query)];
    const [, group, version] = /^\/apis\/([^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
    if (group !== undefined) return this.#discovery(group, version);
    const object = this.#located(path)?.object ?? this.#named(path);
    return object === undefined ? failure(404, 'NotFound') : [200, object];
  }

  /** Answers a POST of an object to its collection. */
  create(path: string, body: string): Answer {
    const object: JsonObject = JSON.parse(body);
    const collection = this.#collections.get(path);
    if (collection === undefined) return failure(404, 'NotFound');
    return collection.objects.has(keyOf(object)) ? failure(409, 'AlreadyExists') : [201, this.put(path, object)];
  }

  /** Answers a PUT of an object, which fails when another version of it is there. */
  replace(path: string, body: string): Answer {
    const object: JsonObject = JSON.parse(body);
    const found = this.#named(path);
    if (found === undefined) return failure(404, 'NotFound');
    const version = objectAt(object, 'metadata').resourceVersion;
    if (version !== undefined && version !== objectAt(found, 'metadata').resourceVersion)
      return failure(409, 'Conflict');
    return [200, this.put(path.slice(0, path.lastIndexOf('/')), object)];
  }

  /** Answers a JSON patch of an object in a namespace. */
  patch(path: string, body: string): Answer {
    const found = this.#located(path);
    if (found === undefined) return failure(404, 'NotFound');
    const patched = applyPatch(found.object, JSON.parse(body));
    return patched === null ? failure(422, 'Invalid') : [200, this.put(found.collection, patched)];
  }

  #collection(path: string): Collection {
    const collection = this.#collections.get(path);
    if (collection === undefined) throw new Error(`${path} is not served`);
    return collection;
  }

  #record(path: string, type: string, object: JsonObject): JsonObject {
    this.#version += 1;
    const { objects, events } = this.#collection(path);
    const stored = { ...object, metadata: { ...objectAt(object, 'metadata'), resourceVersion: `${this.#version}` } };
    if (type === 'DELETED') objects.delete(keyOf(stored));
    else if (type !== 'BOOKMARK') objects.set(keyOf(stored), stored);
    events.push({ version: this.#version, type, object: stored });
    this.told();
    return stored;
  }

  #list({ objects }: Collection, query: Query): JsonObject {
    const { limit, continue: from = '0' } = query;
    const found = [...objects.values()].filter(selected(query));
    const end = limit === undefined ? found.length : Number(from) + Math.min(Number(limit), this.page);
    const next = end < found.length ? { continue: `${end}` } : {};
    return {
      kind: 'List',
      metadata: { resourceVersion: `${this.#version}`, ...next },
      items: found.slice(Number(from), end),
    };
  }

  #discovery(group: string, version: string | undefined): Answer {
    const paths = this.paths.filter((path) => path.startsWith(`/apis/${group}/${version ?? ''}`));
    if (paths.length === 0) return failure(404, 'NotFound');
    if (version !== undefined) {
      return [200, { kind: 'APIResourceList', resources: paths.map((path) => ({ name: path.split('/').at(-1) })) }];
    }
    const names = new Set(paths.map((path) => path.split('/').slice(2, 4).join('/')));
    const versions = [...names].map((groupVersion) => ({ groupVersion }));
    return [200, { kind: 'APIGroup', name: group, versions, preferredVersion: versions[0] }];
  }

  /** An object of a collection that is served for one namespace, by its name. */
  #named(path: string): JsonObject | undefined {
    const slash = path.lastIndexOf('/');
    const objects = this.#collections.get(path.slice(0, slash))?.objects.values() ?? [];
    return [...objects].find((object) => objectAt(object, 'metadata').name === path.slice(slash + 1));
  }

  #located(path: string): { readonly collection: string; readonly object: JsonObject } | undefined {
    const [, start = '', namespace = '', resource = '', name = ''] =
      /^(.*)\/namespaces\/([^/]+)\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    const ofNamespace = `${start}/namespaces/${namespace}/${resource}`;
    const collection = this.#collections.has(ofNamespace) ? ofNamespace : `${start}/${resource}`;
    const object = this.#collections.get(collection)?.objects.get(`${namespace}/${name}`);
    return object === undefined ? undefined : { collection, object };
  }
}

/** The answer of an apiserver that refuses. */
export function failure(code: number, reason: string): Answer {
  return [code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: 'as the test wants it' }];
}

function keyOf(object: JsonObject): string {
  const { namespace, name } = objectAt(object, 'metadata');
  return `${textOf(namespace) ?? ''}/${textOf(name) ?? ''}`;
}
