"""What a report must do in a browser: each check raises AssertionError with what it found."""

SIZES = (1440, 390)


def require(truth, message):
    if not truth:
        raise AssertionError(message)


def opens(browser, page, limit):
    """In both widths and themes: loads within the limit, without a complaint, and no wider than the window."""
    slowest = 0
    for width in SIZES:
        for dark in (False, True):
            browser.show(width, dark=dark)
            seconds = browser.open(page)
            slowest = max(slowest, seconds)
            require(seconds < limit, f"usable after {seconds:.2f} s, not {limit} s, at {width} pixels")
            wide = browser.value("document.documentElement.scrollWidth")
            require(wide <= width, f"{wide} pixels wide in a window of {width}")
            require(not browser.complaints, f"the console says: {browser.complaints}")
    return slowest


def reads_without_script(browser, page):
    """Headings, figures and tables are there without JavaScript, and nothing that needs it is shown."""
    browser.show(1440)
    browser.open(page, script=False)
    root = browser.call("DOM.getDocument", depth=0)["root"]["nodeId"]

    def count(selector):
        return len(browser.call("DOM.querySelectorAll", nodeId=root, selector=selector)["nodeIds"])

    found = [count(selector) for selector in ("section h2", "figure svg", "table")]
    require(min(found) >= 3, f"{found} sections, figures and tables")
    require(count("#explorer[hidden]") == 1 and count("button") == 0, "parts that need JavaScript are shown")


def components(browser):
    """The names of the last and the first attention head of the map."""
    heads = browser.value(
        "[...document.querySelectorAll('#explorer rect[data-component]')].map((one) => one.dataset.component)"
        ".filter((name) => name.includes('_H'))")
    return heads[-1], heads[0]


def links_components(browser, page):
    """Pointing at a component marks it in several figures; a click and Enter keep it; Escape lets go."""
    browser.show(1440)
    browser.open(page)
    linked = "[...document.querySelectorAll('.linked')].map((one) => one.closest('figure')?.dataset.name)"
    last, first = components(browser)
    browser.hover(f"#explorer rect[data-component={last}]")
    figures = set(browser.value(linked))
    require(len(figures) >= 3, f"a component under the pointer is marked in {figures} only")
    browser.hover("h1")
    require(not browser.value(linked), "the mark stays when the pointer has left")
    browser.click(f"#explorer rect[data-component={last}]")
    browser.hover("h1")
    require(browser.value(linked), "a click does not keep the mark")
    require(f"component={last}" in browser.value("location.hash"), "the address does not hold the component")
    browser.press("Escape")
    require(not browser.value(linked), "Escape does not let go")
    browser.value(f"document.querySelector('#explorer rect[data-component={first}]').focus()")
    browser.press("Enter", text="\r")
    require(f"component={first}" in browser.value("location.hash"), "Enter does not pick a component")


def filters(browser, page):
    """A filter changes n and says so; the address brings the state back."""
    browser.show(1440)
    browser.open(page)

    def choose(name, value):
        browser.value(
            f"(() => {{ const list = document.querySelector('#explorer select[name={name}]'); list.value = '{value}';"
            " list.dispatchEvent(new Event('change')); })()")

    status = "document.querySelector('#explorer > p[role=status]').textContent"
    every = browser.value(status)
    choose("window", "inside")
    inside = browser.value(status)
    choose("window", "outside")
    outside = browser.value(status)

    def n(text):
        return int(text.split()[2])

    require(n(inside) + n(outside) == n(every), f"{inside} and {outside} are not {every}")
    choose("window", "")
    seed = browser.value("document.querySelector('#explorer select[name=seed]').options[1].value")
    choose("seed", seed)
    require(n(browser.value(status)) == 1, "one seed does not give n = 1")
    address = browser.value("location.hash")
    browser.open(page, fragment=address)
    require(browser.value("document.querySelector('#explorer select[name=seed]').value") == seed, f"{address} does not bring the seed back")


def saves(browser, page):
    """Figures as SVG and PNG, tables as CSV and LaTeX, data as JSON and CSV: what a click would save."""
    browser.show(1440)
    browser.open(page)
    # Every table, not only the one that is clicked: rows as wide as the header.
    uneven = browser.value(
        "[...document.querySelectorAll('table')].map((table) => csv(table).trimEnd().split('\\n')"
        ".map((line) => line.replace(/\"([^\"]|\"\")*\"/g, 'quoted').split(',').length))"
        ".filter((widths) => new Set(widths).size !== 1).length")
    require(uneven == 0, f"{uneven} tables have rows that are not as wide as their header")
    browser.value(
        "void (window.saved = [], URL.createObjectURL = ((make) => (blob) => { saved.push(blob); return make.call(URL, blob); })"
        "(URL.createObjectURL))")
    for selector in (
        "main figure .tools button:nth-child(1)", "main figure .tools button:nth-child(2)",
        "details[open] .tools button:nth-child(1)", "details[open] .tools button:nth-child(2)",
        "#downloads button:nth-child(1)", "#downloads button:nth-child(2)",
    ):
        browser.click(selector)
    browser.value("new Promise((done) => setTimeout(() => done(true), 1000))")
    found = browser.value("Promise.all(saved.map(async (blob) => [blob.type, (await blob.text()).slice(0, 200)]))")
    kinds = [kind for kind, _ in found]
    # The PNG is drawn from an SVG, so there is one more of those.
    require(
        sorted(kinds) == sorted(["image/svg+xml", "image/svg+xml", "image/png", "text/csv", "text/x-tex", "application/json", "text/csv"]),
        f"saved {kinds}")
    texts = {kind: text for kind, text in found}
    require(texts["text/x-tex"].startswith("% Needs the package booktabs.") and "\\toprule" in texts["text/x-tex"], "not LaTeX")
    require(texts["application/json"].startswith('{"protocol"'), "not the data")
    require(not browser.complaints, f"the console says: {browser.complaints}")


CONTRASTS = """
(() => {
  const luminance = (colour) => {
    const parts = colour.match(/[0-9.]+/g).slice(0, 3).map((part) => part / 255);
    const [red, green, blue] = parts.map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const colour = getComputedStyle(one).backgroundColor;
      if (!colour.endsWith(", 0)")) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const low = new Set();
  for (const element of document.querySelectorAll("body *, svg text.t")) {
    const isDrawn = element.matches("svg text.t");
    if (element.closest("svg") && !isDrawn) continue;
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
    if (element.closest("script, style, [hidden]")) continue;
    const style = getComputedStyle(element);
    const [one, two] = [luminance(isDrawn ? style.fill : style.color), luminance(ground(element))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (two + 0.05);
    if (!(contrast >= 4.5)) low.add(`${element.tagName} ${element.className.baseVal ?? element.className}: ${contrast.toFixed(2)}`);
  }
  return [...low];
})()
"""


def contrasts(browser, page):
    """Text stands out from its ground by 4.5 : 1 (WCAG 2.1, AA) in both themes."""
    for dark in (False, True):
        browser.show(1440, dark=dark)
        browser.open(page)
        low = browser.value(CONTRASTS)
        require(not low, f"too little contrast in the {'dark' if dark else 'light'} theme: {low}")


def compares(browser, page):
    """Another report's file, here the page itself, gives a table of differences, which are 0 then."""
    browser.show(1440)
    browser.open(page)
    root = browser.call("DOM.getDocument", depth=0)["root"]["nodeId"]
    node = browser.call("DOM.querySelector", nodeId=root, selector="input[name=other]")["nodeId"]
    browser.call("DOM.setFileInputFiles", nodeId=node, files=[str(page.resolve())])
    browser.value("new Promise((done) => setTimeout(() => done(true), 500))")
    rows = browser.value("[...document.querySelectorAll('#downloads + div tbody tr')].map((row) => row.cells[3].textContent)")
    require(rows and all(row.startswith(("0.000", "–")) for row in rows), f"the differences to itself are {rows}")


def reaches_nothing(browser, page):
    """The content security policy stops every request, and a script without the page's word."""
    browser.show(1440)
    browser.open(page)
    refused = browser.value("fetch('http://127.0.0.1:9/').then(() => false, () => true)")
    ran = browser.value(
        "(() => { const one = document.createElement('div'); one.innerHTML = '<img src=x onerror=\"window.ran = true\">';"
        " document.body.append(one); const two = document.createElement('script'); two.textContent = 'window.ran = true';"
        " document.body.append(two); return new Promise((done) => setTimeout(() => done(window.ran === true), 200)); })()")
    require(refused, "a request was not refused")
    require(not ran, "a script without the page's word ran")
    # These two attempts are what the console complains of here.
    browser.complaints.clear()


def prints(browser, page, target):
    """On paper every table is open and the selectors are gone."""
    import base64

    browser.show(1440)
    browser.open(page)
    found = browser.call("Page.printToPDF", printBackground=False)
    data = base64.b64decode(found["data"])
    require(data.startswith(b"%PDF") and len(data) > 20_000, "no PDF")
    require(browser.value("[...document.querySelectorAll('details')].every((one) => one.open)"), "a table is folded on paper")
    with open(target, "wb") as file:
        file.write(data)
