addEventListener("load", () => {
  const root = document.getElementById("playground"), seen = { runs: [] };
  const set = (name, value) => {
    const input = root.querySelector(`input[name=${name}]`);
    input.value = value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const bits = (text) => {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, Number(text));
    return "0x" + view.getBigUint64(0).toString(16).padStart(16, "0");
  };
  for (const [rate, updates] of [["0.1", 20], ["10", 100], ["1e-10", 100], ["0.1", 100]]) {
    for (const [name, value] of [["x0", -3], ["x1", 4], ["h", "1e-4"], ["rate", rate], ["updates", updates]]) set(name, value);
    seen.runs.push({ rate: Number(rate), updates, bits: root.dataset.end.split(" ").map(bits), kind: root.dataset.kind });
  }
  seen.buttons = [...root.querySelectorAll("button")].map((button) => (button.click(), root.dataset.kind));
  for (const [name, value] of [["h", "1e-17"], ["rate", "0.1"], ["updates", "5"]]) set(name, value);
  seen.small = root.dataset.kind;
  set("h", "1e-4"); set("rate", "1"); set("updates", "50");
  seen.swinging = root.dataset.kind;
  set("rate", "2"); set("updates", "10");
  seen.large = root.dataset.kind;
  set("rate", "0.1"); set("updates", "-3");
  seen.refused = root.querySelector("input[name=updates]").getAttribute("aria-invalid");
  const handle = root.querySelector(".handle");
  handle.focus();
  handle.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
  seen.moved = root.querySelector("input[name=x0]").value;
  seen.focused = document.activeElement.classList.contains("handle");
  const select = root.querySelector("select");
  seen.others = ["valley", "banana"].map((name) => {
    select.value = name;
    select.dispatchEvent(new Event("change"));
    return root.dataset.end.split(" ").map(Number).every(Number.isFinite);
  });
  seen.wide = document.documentElement.scrollWidth <= document.documentElement.clientWidth;
  const result = document.createElement("pre");
  result.id = "seen";
  result.textContent = JSON.stringify(seen);
  document.body.append(result);
});
