// What script adds to the desk: speed, never ability. Each module looks for the marks it works on, and does nothing
// on a page that has none.
import "./desk/acts.js";
import "./desk/rows.js";
import "./desk/sheet.js";
import "./desk/news.js";
