import type {
  Cancel,
  Control,
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
  method: "speak" | "piece" | "notify" | "typing" | "progress" | "finish" | "offer";
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

/**
 * Keeps what people would see. `at` is awaited around everything: it may look at the world, throw
 * (before: nothing was shown; after: shown, but the caller hears of a failure) or never come back.
 * Like Discord it posts what it is told to, twice if told twice; only a `recovering` post is compared
 * with what is there.
 */
export class RecordingSurface implements Surface {
  readonly pieces: ShownPiece[];
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

  /** `pieces` is what the channel shows already: another process's surface has the same. */
  constructor(pieces: ShownPiece[] = []) {
    this.pieces = pieces;
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
      this.pieces.push({ post: post.id, voice: post.voice.name, text, traces });
      await this.at({ method: "piece", when: "after", text, post });
      posted += 1;
      await onPiece(posted);
    }
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
