// Gradient descent to play with: the tutorial's bowl and two other functions. Everything is computed
// here, in doubles, by the tutorial's formulas in the tutorial's order, so that its runs agree with
// NumPy's to the last bit. Nothing is requested from anywhere.
(() => {
  "use strict";

  const FUNCTIONS = {
    bowl: {
      label: "the tutorial's bowl: x₀² + x₁²",
      f: (x) => x[0] * x[0] + x[1] * x[1],
      minimum: [0, 0], start: [-3, 4], view: [[-5, 5], [-5, 5]],
    },
    valley: {
      label: "a valley: x₀²/20 + x₁²",
      f: (x) => (x[0] * x[0]) / 20 + x[1] * x[1],
      minimum: [0, 0], start: [-7, 2], view: [[-10, 10], [-5, 5]],
    },
    banana: {
      label: "Rosenbrock's: (1 − x₀)² + 100 (x₁ − x₀²)²",
      f: (x) => {
        const a = 1 - x[0], b = x[1] - x[0] * x[0];
        return a * a + 100 * (b * b);
      },
      minimum: [1, 1], start: [-1.2, 1], view: [[-2, 2], [-1, 3]],
    },
  };

  // The central difference with the nominal divisor, one coordinate after the other.
  function gradient(f, x, h) {
    return x.map((at, i) => {
      const moved = x.slice();
      moved[i] = at + h;
      const above = f(moved);
      moved[i] = at - h;
      const below = f(moved);
      return (above - below) / (2 * h);
    });
  }

  // Every point of the descent, the start included.
  function descend({ f, start, rate, h, updates }) {
    const path = [start.slice()];
    for (let k = 0; k < updates; k++) {
      const x = path[k], g = gradient(f, x, h);
      path.push(x.map((at, i) => at - rate * g[i]));
    }
    return path;
  }

  const distance = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
  const same = (a, b) => a[0] === b[0] && a[1] === b[1];
  const finite = (a) => Number.isFinite(a[0]) && Number.isFinite(a[1]);

  // What happened and why: a word for it and a sentence.
  function explain({ f, minimum, rate, h }, path) {
    const last = path.length - 1, d = path.map((x) => distance(x, minimum));
    if (last === 0) return ["start", "No update yet: this is the start."];
    const lost = path.findIndex((x) => !finite(x));
    if (lost >= 0) {
      return ["diverges", `Diverges: after update ${lost} the numbers are beyond the range of doubles. ` +
        `The rate ${show(rate)} is too large: each step overshoots by more than the one before.`];
    }
    const still = path.findIndex((x, k) => k > 0 && same(x, path[k - 1]));
    if (still > 0) {
      const x = path[still], g = gradient(f, x, h);
      const vanished = x.every((at) => at + h === at && at - h === at);
      if (vanished) {
        return ["frozen", `Frozen at update ${still - 1}: x ± h = x in doubles, since neighbors of numbers ` +
          `as large as ${show(Math.max(Math.abs(x[0]), Math.abs(x[1])))} lie farther apart than h = ${show(h)}. ` +
          `The difference is 0 and nothing moves, ${show(d[last])} away from the minimum. ` +
          `This looks like an end; it is a step h that is too small for this x.`];
      }
      if (d[last] > 1e-3 * (1 + distance(minimum, [0, 0]))) {
        const why = g.every((v) => v === 0)
          ? `the difference is exactly 0 for h = ${show(h)}`
          : `the step ${show(rate * Math.hypot(g[0], g[1]))} is lost in the rounding of x`;
        return ["frozen", `Frozen at update ${still - 1}: ${why}, ${show(d[last])} away from the minimum.`];
      }
      return ["converges", `Converges: from update ${still - 1} on nothing changes any more, ` +
        `${show(d[last])} away from the minimum.`];
    }
    const turns = path.slice(2).filter((x, k) => {
      const a = path[k], b = path[k + 1];
      return (x[0] - b[0]) * (b[0] - a[0]) + (x[1] - b[1]) * (b[1] - a[1]) < 0;
    }).length;
    const swings = last >= 4 && turns > 0.6 * (last - 1);
    if (d[last] > 2 * d[0] && d[last] > 2 * d[Math.floor(last / 2)]) {
      return ["diverges", `Diverges: the distance grew from ${show(d[0])} to ${show(d[last])}, ` +
        `by a factor of ${show(d[last] / d[last - 1])} in the last update. The rate ${show(rate)} is too large for this slope.`];
    }
    if (d[last] < 0.1 * d[0]) {
      return ["converges", `Converges: the distance fell from ${show(d[0])} to ${show(d[last])} in ${last} updates` +
        (swings ? ", swinging from side to side." : ".")];
    }
    if (swings) {
      return ["oscillates", `Oscillates: most updates turn back on the one before, and after ${last} of them ` +
        `the distance is ${show(d[last])} (${show(d[0])} at the start). A smaller rate would go straight.`];
    }
    if (Math.abs(d[last] - d[0]) < 1e-2 * d[0]) {
      return ["stalls", `Stalls: in ${last} updates the distance changed from ${show(d[0])} to ${show(d[last])}. ` +
        `A step has a length of about ${show(distance(path[0], path[1]))}: the rate ${show(rate)} is too small, ` +
        `and nothing in the numbers says so.`];
    }
    return ["under way", `Under way: ${show(d[last])} from the minimum after ${last} updates (${show(d[0])} at the start). ` +
      `More updates or a larger rate bring it closer.`];
  }

  function show(v) {
    if (v === 0 || (Math.abs(v) >= 1e-3 && Math.abs(v) < 1e5)) return String(Number(v.toPrecision(4)));
    return v.toExponential(2).replace("e+", "e");
  }

  // Level lines by marching squares: pairs of points where f crosses the level on the edges of a cell.
  function levelLines(f, [[left, right], [bottom, top]], levels, cells) {
    const at = (i, j) => [left + (i / cells) * (right - left), bottom + (j / cells) * (top - bottom)];
    const values = [];
    for (let j = 0; j <= cells; j++) for (let i = 0; i <= cells; i++) values.push(f(at(i, j)));
    const value = (i, j) => values[j * (cells + 1) + i];
    return levels.map((level) => {
      let d = "";
      for (let j = 0; j < cells; j++) for (let i = 0; i < cells; i++) {
        const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
        const crossings = [];
        for (let k = 0; k < 4; k++) {
          const [a, b] = [corners[k], corners[(k + 1) % 4]], va = value(...a) - level, vb = value(...b) - level;
          if (va < 0 !== vb < 0) {
            const t = va / (va - vb), p = at(...a), q = at(...b);
            crossings.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
          }
        }
        for (let k = 0; k + 1 < crossings.length; k += 2) d += crossings[k].join() + " " + crossings[k + 1].join() + ";";
      }
      return d;
    });
  }

  const SVG = "http://www.w3.org/2000/svg";
  function element(parent, name, attributes, text) {
    const made = parent.namespaceURI === SVG || name === "svg"
      ? document.createElementNS(SVG, name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  }

  // The settings: a name, its label, and for a slider on a logarithmic scale its exponents.
  const SETTINGS = [
    ["x0", "start x₀", null], ["x1", "start x₁", null],
    ["rate", "learning rate", [-12, 2]], ["h", "step h", [-16, 0]], ["updates", "updates", null],
  ];

  function build(root) {
    root.textContent = "";
    root.classList.add("playground");
    const state = { name: "bowl", x0: -3, x1: 4, rate: 0.1, h: 1e-4, updates: 20 };
    const form = element(root, "form", { "aria-label": "settings of the descent" });
    form.addEventListener("submit", (event) => event.preventDefault());
    const inputs = {};
    const line = element(form, "label", {}, "function ");
    const select = element(line, "select", { name: "function" });
    for (const [name, { label }] of Object.entries(FUNCTIONS)) element(select, "option", { value: name }, label);
    select.addEventListener("change", () => {
      const [x0, x1] = FUNCTIONS[select.value].start;
      Object.assign(state, { name: select.value, x0, x1, rate: select.value === "banana" ? 1e-3 : 0.1 });
      draw();
    });
    for (const [name, label, exponents] of SETTINGS) {
      const line = element(form, "label", {}, label + " ");
      const whole = name === "updates";
      const slider = element(line, "input", {
        type: "range", "aria-label": label + ", slider",
        min: exponents ? exponents[0] : whole ? 0 : -10, max: exponents ? exponents[1] : whole ? 200 : 10,
        step: exponents ? 0.125 : whole ? 1 : 0.05,
      });
      const number = element(line, "input", { type: "text", inputmode: "decimal", name, size: 9, "aria-label": label });
      const wrong = element(line, "span", { class: "wrong", role: "status" });
      inputs[name] = { slider, number, exponents, wrong };
      slider.addEventListener("input", () => {
        const v = Number(slider.value);
        state[name] = exponents ? Number((10 ** v).toPrecision(2)) : v;
        draw();
      });
      number.addEventListener("input", () => {
        const v = Number(number.value);
        const good = number.value.trim() !== "" && Number.isFinite(v) && (!exponents || v > 0) &&
          (!whole || (Number.isInteger(v) && v >= 0 && v <= 10000));
        wrong.textContent = good ? "" : whole ? "a whole number from 0 to 10000" : exponents ? "a positive number" : "a number";
        number.setAttribute("aria-invalid", String(!good));
        if (good) { state[name] = v; draw(name); }
      });
    }
    const presets = element(form, "div", { class: "presets", role: "group", "aria-label": "the tutorial's runs" });
    for (const [text, rate, updates] of [["rate 0.1", 0.1, 20], ["rate 10", 10, 100], ["rate 1e-10", 1e-10, 100]]) {
      element(presets, "button", { type: "button" }, text).addEventListener("click", () => {
        Object.assign(state, { name: "bowl", x0: -3, x1: 4, rate, h: 1e-4, updates });
        draw();
      });
    }
    const verdict = element(root, "p", { class: "verdict-line", role: "status", "aria-live": "polite" });
    const plots = element(root, "div", { class: "plots" });
    const map = element(plots, "svg", { viewBox: "0 0 360 360", role: "img" });
    const curve = element(plots, "svg", { viewBox: "0 0 360 360", role: "img" });
    const end = element(root, "p", { class: "end" });

    const place = () => {
      const [[left, right], [bottom, top]] = FUNCTIONS[state.name].view;
      return {
        to: ([a, b]) => [(360 * (a - left)) / (right - left), (360 * (top - b)) / (top - bottom)],
        from: ([u, v]) => [left + (u / 360) * (right - left), top - (v / 360) * (top - bottom)],
      };
    };
    const move = (x) => {
      [state.x0, state.x1] = x.map((v) => Number(v.toPrecision(3)));
      draw();
    };
    map.addEventListener("pointerdown", (event) => {
      map.setPointerCapture(event.pointerId);
      const follow = (event) => {
        const box = map.getBoundingClientRect();
        move(place().from([(360 * (event.clientX - box.left)) / box.width, (360 * (event.clientY - box.top)) / box.height]));
      };
      const release = () => {
        map.removeEventListener("pointermove", follow);
        map.removeEventListener("pointerup", release);
        map.removeEventListener("pointercancel", release);
      };
      map.addEventListener("pointermove", follow);
      map.addEventListener("pointerup", release);
      map.addEventListener("pointercancel", release);
      follow(event);
    });

    function draw(typed) {
      const problem = { ...FUNCTIONS[state.name], rate: state.rate, h: state.h };
      const path = descend({ f: problem.f, start: [state.x0, state.x1], rate: state.rate, h: state.h, updates: state.updates });
      select.value = state.name;
      for (const [name, { slider, number, exponents, wrong }] of Object.entries(inputs)) {
        slider.value = exponents ? Math.log10(state[name]) : state[name];
        if (name !== typed) {
          number.value = String(state[name]);
          wrong.textContent = "";
          number.setAttribute("aria-invalid", "false");
        }
      }
      const [kind, sentence] = explain(problem, path);
      verdict.textContent = sentence;
      root.dataset.kind = kind;
      const x = path[path.length - 1];
      end.textContent = `after ${path.length - 1} updates x = (${x[0]}, ${x[1]})`;
      root.dataset.end = x.join(" ");
      drawMap(problem, path);
      drawCurve(problem, path);
    }

    function drawMap(problem, path) {
      const { to } = place();
      map.textContent = "";
      map.setAttribute("aria-label", `path of ${path.length - 1} updates over level lines of the function`);
      const [[left, right], [bottom, top]] = problem.view;
      const far = Math.max(...[left, right].flatMap((a) => [bottom, top].map((b) => problem.f([a, b]))));
      const levels = [1, 2, 3, 4, 5, 6, 7, 8].map((k) => far * (k / 9) ** (state.name === "banana" ? 4 : 2));
      for (const lines of levelLines(problem.f, problem.view, levels, 80)) {
        const d = lines.split(";").filter(Boolean).map((pair) => {
          const [a, b] = pair.split(" ").map((p) => to(p.split(",").map(Number)).map((v) => v.toFixed(1)));
          return `M${a}L${b}`;
        }).join("");
        element(map, "path", { d, class: "level" });
      }
      const inside = path.filter(finite).map(to).map(([u, v]) => [Math.max(-1e4, Math.min(1e4, u)), Math.max(-1e4, Math.min(1e4, v))]);
      element(map, "path", { d: "M" + inside.map((p) => p.map((v) => v.toFixed(2)).join()).join("L"), class: "path" });
      for (const p of inside.slice(1, 400)) element(map, "circle", { cx: p[0], cy: p[1], r: 2.2, class: "point" });
      const goal = to(problem.minimum);
      element(map, "path", { d: `M${goal[0] - 6},${goal[1]}h12M${goal[0]},${goal[1] - 6}v12`, class: "goal" });
      const start = to(path[0]);
      const handle = element(map, "circle", {
        cx: start[0], cy: start[1], r: 8, class: "handle", tabindex: 0, role: "slider",
        "aria-label": "start; arrow keys move it", "aria-valuenow": path[0][0], "aria-valuetext": `x₀ = ${path[0][0]}, x₁ = ${path[0][1]}`,
      });
      handle.addEventListener("keydown", (event) => {
        const by = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
        if (!by) return;
        event.preventDefault();
        move([state.x0 + by[0], state.x1 + by[1]]);
        map.querySelector(".handle").focus();
      });
      element(map, "text", { x: 8, y: 352 }, "x₀ →");
      element(map, "text", { x: 8, y: 18 }, "↑ x₁");
    }

    function drawCurve(problem, path) {
      curve.textContent = "";
      const d = path.map((x) => distance(x, problem.minimum)).map((v) => (v > 0 && Number.isFinite(v) ? Math.log10(v) : NaN));
      const known = d.filter((v) => !Number.isNaN(v));
      const low = Math.floor(Math.min(...known, 0) - 0.01), high = Math.ceil(Math.max(...known, 1) + 0.01);
      const u = (k) => 48 + (300 * k) / Math.max(1, path.length - 1), v = (y) => 330 - (310 * (y - low)) / (high - low);
      curve.setAttribute("aria-label", `distance from the minimum against the updates, from ${show(10 ** (known[0] ?? 0))} to ${show(10 ** (known[known.length - 1] ?? 0))}`);
      const every = Math.max(1, Math.ceil((high - low) / 8));
      for (let y = low; y <= high; y += every) {
        element(curve, "path", { d: `M48,${v(y)}H348`, class: "level" });
        element(curve, "text", { x: 42, y: v(y) + 4, "text-anchor": "end" }, `1e${y}`);
      }
      let line = "", pen = "M";
      d.forEach((y, k) => {
        if (Number.isNaN(y)) { pen = "M"; return; }
        line += `${pen}${u(k).toFixed(2)},${v(y).toFixed(2)}`;
        pen = "L";
      });
      element(curve, "path", { d: line, class: "path" });
      element(curve, "text", { x: 48, y: 14 }, "↑ distance from the minimum");
      element(curve, "text", { x: 348, y: 352, "text-anchor": "end" }, `update ${path.length - 1}`);
      element(curve, "text", { x: 48, y: 352 }, "0");
    }

    draw();
  }

  const start = () => document.querySelectorAll("#playground").forEach(build);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
