/// The look of reports and pages: system fonts, light and dark, paper and telephone; contrast of 4.5 to 1 at least.
package enum PageStyle {
    /// The style sheet.
    package static let css = """
        :root{color-scheme:light dark;--paper:#fff;--ink:#1a1a1a;--quiet:#595959;--line:#bbb;--soft:#f1f4f6;--value:#1f6f9f;--band:#a9cfe4;\
        --bad:#b3261e;--warning:#8f5a00;--met:#2e7d4f;--unknown:#d0d0d0;--uncertain:#8a4fae;--provisional:#6f6f6f}
        @media (prefers-color-scheme:dark){:root{--paper:#14181b;--ink:#e8eaec;--quiet:#aab2b8;--line:#4a5258;--soft:#1e2428;--value:#7cc0e8;\
        --band:#2c5873;--bad:#ff8a80;--warning:#f2b84b;--met:#7bcf9b;--unknown:#5a6268;--uncertain:#cf9bea;--provisional:#a0a0a0}}
        *{box-sizing:border-box}
        body{margin:0 auto;padding:1rem;max-width:68rem;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
        h1{font-size:1.6rem;line-height:1.2;margin:.2em 0}h2{font-size:1.25rem;margin:2em 0 .4em;border-bottom:2px solid var(--line)}
        h3{font-size:1.05rem;margin:1.4em 0 .3em}
        a{color:var(--value)}nav ol{padding-left:1.8em;columns:2}.verdict{font-size:1.2rem;border-left:.4rem solid var(--met);padding:.4rem .8rem;background:var(--soft)}
        .verdict.bad{border-color:var(--bad)}.quiet,figcaption,caption{color:var(--quiet)}.quiet,figcaption,caption{font-size:.9rem}
        .scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem;margin:.4rem 0 1rem;min-width:60%}caption{text-align:left;padding:.2rem 0}
        th,td{text-align:left;vertical-align:top;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line)}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.t-bad{color:var(--bad);font-weight:600}
        .t-warning{color:var(--warning);font-weight:600}.t-met{color:var(--met)}.t-quiet{color:var(--quiet)}
        figure{margin:1rem 0}svg.chart{width:100%;height:auto;max-width:60rem;display:block}td svg.chart{width:6rem}td:first-child{min-width:8rem}
        code,pre{font:.85rem/1.4 ui-monospace,monospace;background:var(--soft);padding:.1rem .3rem;overflow-wrap:anywhere}pre{padding:.6rem;overflow-x:auto;white-space:pre-wrap}
        .f-ink{fill:var(--ink)}.f-quiet{fill:var(--quiet)}.f-line{fill:var(--line)}.f-value{fill:var(--value)}.f-band{fill:var(--band)}.f-bad,.f-limit{fill:var(--bad)}\
        .f-warning{fill:var(--warning)}.f-met{fill:var(--met)}.f-unknown{fill:var(--unknown)}.f-paper{fill:var(--paper)}.f-uncertain{fill:var(--uncertain)}.f-provisional{fill:var(--provisional)}
        .s-ink{stroke:var(--ink)}.s-quiet{stroke:var(--quiet)}.s-line{stroke:var(--line)}.s-value{stroke:var(--value)}.s-band{stroke:var(--band)}.s-bad,.s-limit{stroke:var(--bad)}\
        .s-warning{stroke:var(--warning)}.s-met{stroke:var(--met)}.s-paper{stroke:var(--paper)}.s-uncertain{stroke:var(--uncertain)}.s-provisional{stroke:var(--provisional)}
        @media (max-width:40rem){body{padding:.6rem;font-size:15px}nav ol{columns:1}.stack thead{display:none}.stack tr{display:block;border-bottom:1px solid var(--line);padding:.3rem 0}\
        .stack td{display:block;border:0;padding:0}.stack .n{text-align:left}.stack td[data-label]::before{content:attr(data-label) ": ";color:var(--quiet);font-weight:400}}
        @page{size:A4;margin:16mm 14mm}
        @media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--quiet:#444;--line:#999;--soft:#f4f4f4;--value:#1f6f9f;--band:#a9cfe4;--bad:#b3261e;\
        --warning:#8f5a00;--met:#2e7d4f;--unknown:#d0d0d0;--uncertain:#8a4fae;--provisional:#6f6f6f}body{max-width:none;padding:0;font-size:10pt}\
        h2,h3{break-after:avoid}figure,tr{break-inside:avoid}nav,details:not([open]){display:none}.scroll{overflow:visible}}

        """
}
