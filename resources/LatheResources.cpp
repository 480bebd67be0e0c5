// Carrier of the compiled-in data files; see CMakeLists.txt beside it.
#include <QtGlobal>
