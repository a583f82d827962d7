// Draw a node on the canvas: the shape and colour of its kind, with the kind's letter.

const LEAST = 10.9; // pixels of a letter: smaller ones cannot be read, and are left out

// Draws an item at x, y with the radius r in units of the picture, `scale` pixels each.
export function drawShape(context, item, { x, y, r, scale, chosen, faint, pinned, colors }) {
  const points = item.kind.corners;
  const outline = (by) => {
    context.beginPath();
    if (points.length)
      points.forEach(([a, b], number) => {
        context[number ? "lineTo" : "moveTo"](x + a * by, y + b * by);
      });
    else context.arc(x, y, by, 0, 2 * Math.PI);
    context.closePath();
  };
  const ground = (by, color) => {
    outline(by);
    context.fillStyle = color;
    context.fill();
  };
  context.globalAlpha = faint ? 0.22 : 1;
  if (chosen) {
    ground(r * 1.38, colors.focus);
    ground(r * 1.16, colors.page);
  }
  ground(r, colors[item.tint] || colors[`lane${item.kind.lane}`]);
  context.lineWidth = 1 / scale;
  context.strokeStyle = colors.ink;
  context.stroke();
  const { letter, lower } = item.kind;
  const size = r * (letter.length > 2 ? 0.72 : letter.length > 1 ? 0.9 : 1.05);
  if (size * scale >= LEAST) {
    context.fillStyle = colors.page;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.font = `700 ${size}px "Liberation Sans", Arial, sans-serif`;
    context.fillText(letter, x, y + r * (0.06 + lower));
  }
  if (pinned) {
    context.fillStyle = colors.focus;
    context.beginPath();
    context.arc(x + r * 0.85, y - r * 0.85, r * 0.3, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}
