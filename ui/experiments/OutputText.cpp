// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/experiments/OutputText.h"

#include "core/prompt/TextDiff.h"
#include "ui/itemmodels/Format.h"

#include <QScrollBar>
#include <QTextBlock>
#include <QTextCursor>

#include <cmath>
#include <memory>

namespace lathe {

OutputText::OutputText(Theme *theme, QWidget *parent) : QTextBrowser(parent), m_theme(theme)
{
    setFrameShape(QFrame::NoFrame);
    setOpenLinks(false);
    setUndoRedoEnabled(false);
    setTabChangesFocus(true);
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    document()->setDocumentMargin(10);
    viewport()->setAutoFillBackground(false);
    connect(theme, &Theme::changed, this, &OutputText::rebuild);
}

void OutputText::setOutput(const QString &text, const QString *other, bool added, const std::vector<TrialCheck> &checks, const QString &error)
{
    m_text = text;
    m_compare = other && other->size() <= MostCompared && text.size() <= MostCompared;
    m_other = m_compare ? *other : QString();
    m_added = added;
    m_checks = checks;
    m_error = error;
    m_sections.clear();
    rebuild();
}

void OutputText::setSections(const QList<QPair<QString, QString>> &sections)
{
    m_sections = sections;
    m_text.clear();
    m_checks.clear();
    m_error.clear();
    m_compare = false;
    rebuild();
}

void OutputText::setReading(bool reading)
{
    m_reading = reading;
    rebuild();
}

int OutputText::heightFor(int width) const
{
    const std::unique_ptr<QTextDocument> copy(document()->clone());
    copy->setTextWidth(width);
    return int(std::ceil(copy->size().height()));
}

void OutputText::rebuild()
{
    const Tokens &t = m_theme->tokens();
    const int scrolled = verticalScrollBar()->value();
    QTextDocument *doc = document();
    doc->clear();
    QFont font = m_theme->uiFont();
    if (m_reading)
        font.setPixelSize(15);
    doc->setDefaultFont(font);
    QTextCursor cursor(doc);
    QTextCharFormat plain, quiet, strong;
    plain.setForeground(t.text);
    quiet.setForeground(t.text2);
    quiet.setFont(m_theme->smallFont());
    strong.setForeground(t.text);
    strong.setFontWeight(QFont::DemiBold);
    bool first = true;
    const auto paragraph = [&](double above) {
        QTextBlockFormat block;
        block.setTopMargin(first ? 0 : above);
        block.setLineHeight(125, QTextBlockFormat::ProportionalHeight);
        if (first)
            cursor.setBlockFormat(block);
        else
            cursor.insertBlock(block);
        first = false;
    };
    for (const auto &[title, body] : std::as_const(m_sections)) {
        paragraph(10);
        cursor.insertText(title, quiet);
        paragraph(1);
        cursor.insertText(body.isEmpty() ? tr("(empty)") : body.left(MostShown), body.isEmpty() ? quiet : plain);
    }
    if (!m_error.isEmpty()) {
        paragraph(4);
        QTextCharFormat bad = plain;
        bad.setForeground(t.error);
        cursor.insertText(tr("No answer: ") + m_error, bad);
    }
    if (!m_text.isEmpty()) {
        paragraph(4);
        if (m_compare) {
            QTextCharFormat mark = plain;
            const QColor color = m_added ? t.ok : t.error;
            mark.setBackground(withAlpha(color, t.dark ? 0.26 : 0.20));
            mark.setFontUnderline(true); // never colour alone
            mark.setUnderlineStyle(m_added ? QTextCharFormat::SingleUnderline : QTextCharFormat::DashUnderline);
            mark.setUnderlineColor(color);
            const auto pieces = m_added ? diffWords(m_other, m_text) : diffWords(m_text, m_other);
            const auto own = m_added ? DiffPiece::Type::Added : DiffPiece::Type::Removed;
            // Texts that have little in common are not marked: everything would be.
            qsizetype same = 0;
            for (const DiffPiece &piece : pieces)
                same += piece.type == DiffPiece::Type::Same ? piece.text.size() : 0;
            if (same * 3 < std::max(m_text.size(), m_other.size()))
                mark = plain;
            for (const DiffPiece &piece : pieces) {
                if (piece.type == DiffPiece::Type::Same)
                    cursor.insertText(piece.text, plain);
                else if (piece.type == own)
                    cursor.insertText(piece.text, mark);
            }
        } else {
            cursor.insertText(m_text.left(MostShown), plain);
        }
        if (isCut()) {
            paragraph(6);
            cursor.insertText(tr("%1 more characters are not shown here; open the trace for all of it.").arg(format::number(m_text.size() - MostShown)), quiet);
        }
    }
    if (!m_checks.empty()) {
        paragraph(12);
        cursor.insertText(tr("Checks"), quiet);
    }
    for (const TrialCheck &check : m_checks) {
        paragraph(3);
        QTextCharFormat glyph = strong;
        glyph.setForeground(!check.ran ? t.warning : check.passed ? t.ok : t.error);
        cursor.insertText(!check.ran ? QStringLiteral("!  ") : check.passed ? QStringLiteral("\u2713  ") : QStringLiteral("\u2717  "), glyph);
        cursor.insertText(check.name, plain);
        const bool graded = check.ran && check.score > 0 && check.score < 1;
        QString words = !check.ran ? tr("could not be evaluated") : check.passed ? tr("passed") : tr("not passed");
        if (graded)
            words += tr(", score %1").arg(check.score, 0, 'f', 2);
        cursor.insertText(QStringLiteral("   ") + words, quiet);
        if (!check.reason.isEmpty()) {
            paragraph(0);
            cursor.insertText(check.reason.left(2000), quiet);
        }
    }
    verticalScrollBar()->setValue(scrolled);
}

} // namespace lathe
