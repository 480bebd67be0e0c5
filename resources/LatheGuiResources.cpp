// Carrier of the compiled-in icons; see CMakeLists.txt beside it.
#include <QtGlobal>
