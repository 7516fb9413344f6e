// The user's hands and eyes: the suite asks by HTTP for keys, clicks, and what the page shows.
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { join } from "node:path";
import type { Page } from "playwright-core";

export type Wish =
  | { do: "press"; keys: string[] }
  | { do: "type"; text: string }
  | { do: "click"; selector: string; text?: string }
  | { do: "texts"; selector: string }
  | { do: "overlays" }
  | { do: "screenshot"; name: string };

export class Hands {
  page: Page | undefined;

  private constructor(
    readonly url: string,
    private readonly pictures: string,
  ) {}

  static async listen(pictures: string): Promise<Hands> {
    mkdirSync(pictures, { recursive: true });
    const server = createServer((request, response) => {
      void body(request)
        .then((text) => hands.grant(JSON.parse(text) as Wish))
        .then(
          (answer) => response.end(JSON.stringify(answer ?? null)),
          (error: unknown) => {
            response.statusCode = 500;
            response.end(String(error));
          },
        );
    });
    server.listen(0, "127.0.0.1").unref();
    await once(server, "listening");
    const address = server.address();
    const hands = new Hands(`http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`, pictures);
    return hands;
  }

  private async grant(wish: Wish): Promise<unknown> {
    const page = this.page;
    if (!page) throw new Error("there is no page yet");
    switch (wish.do) {
      case "press":
        for (const key of wish.keys) await page.keyboard.press(key);
        return;
      case "type":
        await page.keyboard.type(wish.text);
        return;
      case "click": {
        const all = page.locator(wish.selector);
        await (wish.text === undefined ? all : all.filter({ hasText: wish.text })).first().click();
        return;
      }
      case "texts":
        return page.locator(wish.selector).allInnerTexts();
      case "overlays":
        return page.evaluate(OVERLAYS);
      case "screenshot":
        await page.screenshot({ path: join(this.pictures, `${wish.name}.png`) });
        return;
    }
  }
}

// Runs in the page. What stands in the pseudo-elements of the editor's lines that are set apart from the text.
export const OVERLAYS = `[...document.querySelectorAll(".view-line span")].flatMap((span) => {
  const style = getComputedStyle(span, "::after");
  if (style.position !== "absolute" || style.content === "none") return [];
  return [{ content: style.content.slice(1, -1).replace(/\\\\(?:([0-9a-f]{1,6})\\s?|(.))/gi, (_, code, char) => char ?? String.fromCodePoint(parseInt(code, 16))), left: style.left, background: style.backgroundColor }];
})`;

async function body(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
