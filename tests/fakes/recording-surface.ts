import type {
  Cancel,
  Control,
  Draft,
  IncomingFile,
  IncomingMessage,
  Post,
  Progress,
  Surface,
  Voice,
} from "../../src/channels/ports.ts";
import type { ColloquyError } from "../../src/shared/errors.ts";

/** Something that is about to be done, or was just done. */
export interface SurfacePoint {
  method:
    | "speak"
    | "piece"
    | "draft"
    | "edit"
    | "retract"
    | "notify"
    | "typing"
    | "progress"
    | "finish"
    | "offer";
  when: "before" | "after";
  text: string;
  post?: Post;
}

export interface ShownPiece {
  post: string;
  voice: string;
  text: string;
  traces: readonly string[];
}

/** A message that shows an answer which is being written. */
export interface ShownHalf {
  id: string;
  post: string;
  voice: string;
  text: string;
}

/** What a channel shows, whatever becomes of the bot. */
export class ShownChannel {
  readonly pieces: ShownPiece[] = [];
  readonly halves: ShownHalf[] = [];
  /** Every text that stood in a half message. */
  readonly seen: string[] = [];
  messages = 0;
}

/**
 * Keeps what people would see. `at` is awaited around everything: it may look at the world, throw
 * (before: nothing was shown; after: shown, but the caller hears of a failure) or never come back.
 * Like Discord it posts what it is told to, twice if told twice; only a `recovering` post is compared
 * with what is there.
 */
export class RecordingSurface implements Surface {
  readonly shown: ShownChannel;
  live = false;
  readonly posts: Post[] = [];
  readonly notices: string[] = [];
  /** Of each notice that has any. */
  readonly controls: Control[] = [];
  /** What stands in the place now. */
  standing: readonly Control[] = [];
  readonly offers: string[] = [];
  readonly cancels: Cancel[] = [];
  readonly progress_texts: string[] = [];
  /** Voices at work now. */
  readonly at_work: string[] = [];
  parked_by: ColloquyError | undefined;
  piece_size = Number.POSITIVE_INFINITY;
  at: (point: SurfacePoint) => Promise<void> | void = () => {};

  /** `shown` is what the channel shows already: another process's surface has the same. */
  constructor(shown = new ShownChannel()) {
    this.shown = shown;
  }

  get pieces(): ShownPiece[] {
    return this.shown.pieces;
  }

  get halves(): ShownHalf[] {
    return this.shown.halves;
  }

  /** Answers as people read them: the pieces of a post joined, in the order of their first piece. */
  get answers(): string[] {
    const texts = new Map<string, string>();
    for (const { post, voice, text } of this.pieces) {
      texts.set(post, (texts.get(post) ?? `${voice}: `) + text);
    }
    return [...texts.values()];
  }

  async speak(post: Post, onPiece: (posted: number) => Promise<void>): Promise<void> {
    this.posts.push({ ...post });
    this.standing = post.controls ?? [];
    await this.at({ method: "speak", when: "before", text: post.text, post });
    const texts = split(post.text, this.piece_size);
    let posted = Math.min(post.posted, texts.length);
    if (post.recovering) {
      const there = this.pieces.filter((piece) => piece.post === post.id).length;
      while (posted < there) {
        posted += 1;
        await onPiece(posted);
      }
    }
    while (posted < texts.length) {
      const text = texts[posted] ?? "";
      await this.at({ method: "piece", when: "before", text, post });
      const traces = posted === 0 ? post.traces : [];
      const piece = { post: post.id, voice: post.voice.name, text, traces };
      this.#takeHalf(post.drafted[posted]);
      this.pieces.push(piece);
      await this.at({ method: "piece", when: "after", text, post });
      posted += 1;
      await onPiece(posted);
    }
    for (const left of post.drafted.slice(texts.length)) this.#takeHalf(left);
  }

  /** One message that grows with each update, as fast as `at` lets it. */
  draft(
    post: Pick<Post, "id" | "voice" | "after">,
    onMessage: (message: string) => Promise<void>,
  ): Draft {
    let half: ShownHalf | undefined;
    let ended = false;
    let work = Promise.resolve();
    const show = async (text: string): Promise<void> => {
      if (half) {
        await this.at({ method: "edit", when: "before", text });
        half.text = text;
      } else {
        await this.at({ method: "draft", when: "before", text });
        this.shown.messages += 1;
        half = { id: `m${this.shown.messages}`, post: post.id, voice: post.voice.name, text };
        this.halves.push(half);
        this.shown.seen.push(text);
        await this.at({ method: "draft", when: "after", text });
        await onMessage(half.id);
        return;
      }
      this.shown.seen.push(text);
      await this.at({ method: "edit", when: "after", text });
    };
    return {
      update: (text) => {
        if (ended) return;
        work = work
          .then(() => show(text))
          .catch(() => {
            ended = true;
          });
      },
      end: async () => {
        ended = true;
        await work;
      },
    };
  }

  async retract(messages: readonly string[], after?: string): Promise<void> {
    const text = messages.join(" ");
    await this.at({ method: "retract", when: "before", text });
    const left = after === undefined ? messages : this.halves.map(({ id }) => id);
    for (const id of [...left]) this.#takeHalf(id);
    await this.at({ method: "retract", when: "after", text });
  }

  #takeHalf(id: string | undefined): void {
    const at = this.halves.findIndex((half) => half.id === id);
    if (at >= 0) this.halves.splice(at, 1);
  }

  async notify(text: string, controls: readonly Control[] = []): Promise<void> {
    await this.at({ method: "notify", when: "before", text });
    this.notices.push(text);
    this.controls.push(...controls);
    if (controls.length > 0) this.standing = controls;
    await this.at({ method: "notify", when: "after", text });
  }

  control(controls: readonly Control[]): void {
    this.standing = controls;
  }

  parked(): ColloquyError | undefined {
    return this.parked_by;
  }

  typing(voice: Voice): () => void {
    void this.at({ method: "typing", when: "before", text: voice.name });
    this.at_work.push(voice.name);
    return () => {
      const index = this.at_work.indexOf(voice.name);
      if (index >= 0) this.at_work.splice(index, 1);
    };
  }

  async progress(text: string, stop?: Cancel): Promise<Progress> {
    if (stop) this.cancels.push(stop);
    await this.at({ method: "progress", when: "before", text });
    this.progress_texts.push(text);
    return {
      update: (next) => {
        this.progress_texts.push(next);
      },
      finish: async (last) => {
        await this.at({ method: "finish", when: "before", text: last });
        this.progress_texts.push(last);
      },
    };
  }

  async offerAttachment(_: IncomingMessage, __: IncomingFile, text: string): Promise<void> {
    await this.at({ method: "offer", when: "before", text });
    this.offers.push(text);
  }
}

function split(text: string, size: number): string[] {
  if (text.length <= size) return [text];
  return Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
    text.slice(i * size, (i + 1) * size),
  );
}
