// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <latch>
#include <thread>

namespace lathe {

// Reads the list of the system's fonts (6 ms) on a thread of its own while the program starts on another core. Made before the
// QApplication; whoever is about to measure or paint the first text waits, because Qt would otherwise read everything again.
class FontPreload
{
public:
    FontPreload();
    ~FontPreload();
    void applicationMade(); // Qt's own list can be filled now; to be called once, by the main thread
    void wait();            // main thread; returns at once the second time

private:
    void read();
    std::latch m_applicationMade{1};
    bool m_made = false;
    std::thread m_thread;
};

} // namespace lathe
