// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/FontPreload.h"

#include <QCoreApplication>
#include <QFontDatabase>

#include <dlfcn.h>

namespace lathe {

FontPreload::FontPreload() : m_thread([this] { read(); }) {}

FontPreload::~FontPreload()
{
    wait();
}

void FontPreload::applicationMade()
{
    m_made = true;
    m_applicationMade.count_down();
}

void FontPreload::wait()
{
    if (!m_thread.joinable())
        return;
    if (!m_made)
        applicationMade(); // the program ends before it began
    m_thread.join();
}

void FontPreload::read()
{
    // Qt links fontconfig, so that the function is there; it keeps what it read for Qt, whose list needs the application.
    if (const auto initialise = reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "FcInit")))
        initialise();
    m_applicationMade.wait();
    if (qApp)
        (void)QFontDatabase::families(); // under the lock of Qt's font database
}

} // namespace lathe
