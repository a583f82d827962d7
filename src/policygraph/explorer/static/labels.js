// Labels in the picture: in a readable size, the important ones first, none over another.
// Pixels of a line and lines, the best first; and where one is close.
const sizes = (text) => text.split(", ").map((each) => each.split(" ").map(Number));
const [WIDTHS, CLOSE_BY] = ["104 2, 76 3, 62 4, 140 2, 90 5", "150 3, 110 4, 84 5, 200 4"].map(sizes);
const SQUARE = 48; // pixels of the grid that indexes occupied boxes

// Of so many letters of a word, how many stand before its hyphen: to the s that joins two words, else to a
// syllable.
function before(word, most) {
  const ends = (rule) => {
    for (let end = most; end > 2; end -= 1)
      if (rule.test(`${word.slice(0, end)}|${word.slice(end)}`)) return end;
    return 0;
  };
  return ends(/[^aeiouyæøå]s\|[^aeiouyæøåpt].../i) || ends(/\|[^aeiouyæøå|][aeiouyæøå]./i) || most;
}

// A name with places for a hyphen in its long words, where a browser knows none of its language.
export const hyphenated = (name) =>
  name
    .replace(/(ing|tet|hed|else|ion)s(?=\p{L}{4})/giu, "$&\u00ad")
    .replace(/\p{L}{11,}/gu, function parts(word) {
      const at = before(word, Math.min(9, word.length - 3));
      return word.length < 11 ? word : `${word.slice(0, at)}\u00ad${parts(word.slice(at))}`;
    });

// Wrap a name to at most `lines` lines of `width` pixels; what does not fit ends in "…".
export function linesOf(context, name, width, lines) {
  const words = name.split(/[^\S\u00a0]+/).filter(Boolean);
  const made = [];
  let now = "";
  const cut = (text) => {
    let short = text;
    while (short.length > 1 && context.measureText(`${short}…`).width > width) short = short.slice(0, -1);
    return `${short.trimEnd()}…`;
  };
  while (words.length) {
    const longer = now ? `${now} ${words[0]}` : words[0];
    if (context.measureText(longer).width <= width) {
      now = longer;
      words.shift();
    } else if (made.length === lines - 1) {
      return [...made, cut(longer)];
    } else if (now) {
      made.push(now);
      now = "";
    } else {
      // one word longer than a line
      let part = words[0];
      while (part.length > 1 && context.measureText(`${part}-`).width > width) part = part.slice(0, -1);
      if (words[0].length > 5) part = part.slice(0, words[0].length - 3); // no one or two letters alone
      // one that is there breaks it best
      const dash = 1 + Math.max(part.lastIndexOf("-"), part.lastIndexOf("–"));
      part = part.slice(0, dash || before(words[0], part.length));
      made.push(dash ? part : `${part}-`);
      words[0] = words[0].slice(part.length);
    }
  }
  return now ? [...made, now] : made;
}

// The boxes occupied in a picture, so that labels do not overlap them.
export function labelSpace() {
  const cells = new Map();
  function touched(box) {
    const [left, top, right, bottom] = box.map((pixels) => Math.floor(pixels / SQUARE));
    const found = [];
    for (let x = left; x <= right; x += 1) for (let y = top; y <= bottom; y += 1) found.push(`${x} ${y}`);
    return found;
  }
  return {
    take(box, owner) {
      for (const cell of touched(box)) {
        if (!cells.has(cell)) cells.set(cell, []);
        cells.get(cell).push([box, owner]);
      }
    },
    free([left, top, right, bottom], owner) {
      const over = ([[x, y, far, below], whose]) =>
        whose !== owner && x < right && far > left && y < bottom && below > top;
      return !touched([left, top, right, bottom]).some((cell) => cells.get(cell)?.some(over));
    },
  };
}

// Draw labels below (or above) their nodes. `things` are in the order of importance:
// {id, name, x, y, r, side (-1 or 1: beside, not below), room (there, at most), forced, faint} in pixels of
// the screen, whose size is `box`. `colors` are {ink, soft, page}.
export function writeNames(context, things, taken, { scale, colors, face, cache, box }) {
  const close = scale > 0.8;
  const size = close && box.width > 600 ? 13 : 12;
  const choices = close ? CLOSE_BY : WIDTHS;
  context.textBaseline = "top";
  context.lineJoin = "round";
  const measured = (name, width, lines, forced) => {
    context.font = `${forced ? "600 " : ""}${size}px ${face}`;
    const key = `${size} ${width} ${lines} ${forced} ${name}`;
    if (!cache.has(key)) {
      const text = linesOf(context, name.slice(0, 160), width, lines);
      cache.set(key, { text, half: Math.max(0, ...text.map((part) => context.measureText(part).width)) / 2 });
    }
    return cache.get(key);
  };
  for (const { id, name, x: own, y, r, side, room: most = 260, forced, faint } of things) {
    let chosen = null;
    const room = Math.min(most, (side > 0 ? box.width - own : own) - r - 10); // beside it
    for (const [width, lines] of side
      ? [[Math.max(60, room), 9]]
      : forced
        ? [190, 104, 76].map((pixels) => [pixels, 9])
        : choices) {
      const { text, half } = measured(name, width, lines, forced);
      if (!forced && text.at(-1).endsWith("…") && !name.endsWith("…")) continue; // whole, or not at all
      const height = text.length * (size + 1.5);
      // Below its own, or above where no other is near above, under which it would stand.
      const x = side ? own + side * (r + 6 + half) : Math.max(half + 3, Math.min(box.width - half - 3, own));
      const places = side
        ? [Math.max(1, Math.min(y - height / 2, box.height - height - 1))]
        : [y + r + 3, y - r - 3 - height];
      const at = places.find(
        (top) =>
          (side ? y > 0 && y < box.height : top > 0 && top + height < box.height) &&
          taken.free([x - half, top - (top < y && !side ? 26 : 0), x + half, top + height], id),
      );
      if (at === undefined && !forced) continue;
      const whole = text.join(" ") === name;
      if (!chosen || (at !== undefined && (whole || chosen.at === undefined)))
        chosen = { text, half, height, at, x };
      if (whole && at !== undefined) break; // rather wider than with a word broken
    }
    if (!chosen) continue;
    const { text, half, height, at, x } = chosen;
    const top = at ?? Math.min(y + r + 3, box.height - height);
    taken.take([x - half - 3, top, x + half + 3, top + height], id);
    if (!faint) {
      // a background, so that edges do not cross the letters
      context.globalAlpha = 0.9;
      context.fillStyle = colors.page;
      context.fillRect(x - half - 2, top - 1, 2 * half + 4, height + 1);
    }
    context.globalAlpha = faint ? 0.4 : 1;
    context.lineWidth = 4;
    context.strokeStyle = colors.page;
    context.fillStyle = colors.ink;
    context.textAlign = side ? { 1: "left", "-1": "right" }[side] : "center";
    // Around all letters first, since what is around a line would cut those of the line above.
    for (const write of ["strokeText", "fillText"]) {
      for (const [number, part] of text.entries())
        context[write](part, x - (side || 0) * half, top + number * (size + 1.5));
    }
  }
  context.globalAlpha = 1;
}
