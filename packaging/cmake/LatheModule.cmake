# What people get is one program of static libraries. Where hundreds of test programs are built, each module is a shared
# library instead: under a sanitizer the same tests take 3 GB of disk, not 30, and a changed module links once.
option(LATHE_SHARED_MODULES "Build each folder as a shared library" OFF)
set(LATHE_MODULE_TYPE STATIC)
if(LATHE_SHARED_MODULES)
    set(LATHE_MODULE_TYPE SHARED)
    set(CMAKE_LINK_DEPENDS_NO_SHARED ON) # its users need not be linked anew
endif()

# lathe_module(FOLDER [USES FOLDER...] [LINK TARGET...] [PRIVATE_LINK TARGET...])
#   One library per folder, from all its sources. USES names other folders and is checked
#   against LatheLayers.cmake. Target name: core/base -> lathe_core_base.
function(lathe_target_name folder out)
    string(REPLACE "/" "_" name ${folder})
    set(${out} lathe_${name} PARENT_SCOPE)
endfunction()

# Four precompiled headers serve the whole tree: Qt Core with coroutines (core), Qt Widgets (widgets), and each with Qt Test.
function(lathe_pch target kind)
    if(NOT TARGET lathe_pch_${kind})
        set(source ${CMAKE_BINARY_DIR}/pch_${kind}.cpp)
        file(CONFIGURE OUTPUT ${source} CONTENT "// Carrier of the precompiled header.\n")
        add_library(lathe_pch_${kind} OBJECT ${source})
        set_target_properties(lathe_pch_${kind} PROPERTIES AUTOMOC OFF)
        target_link_libraries(lathe_pch_${kind} PRIVATE Qt6::Core QCoro6::Core)
        target_precompile_headers(lathe_pch_${kind} PRIVATE
            <QByteArray> <QString> <QStringList> <QJsonObject> <QJsonArray> <QJsonDocument> <QObject> <QHash>
            <QDateTime> <QPointer> <QCoroTask> <functional> <memory> <optional> <variant> <vector> <algorithm>)
        if(kind MATCHES "^widget")
            target_link_libraries(lathe_pch_${kind} PRIVATE Qt6::Widgets Qt6::Svg)
            target_precompile_headers(lathe_pch_${kind} PRIVATE <QtWidgets>)
        endif()
        if(kind MATCHES "tests$")
            target_link_libraries(lathe_pch_${kind} PRIVATE Qt6::Test Qt6::Network)
            target_compile_definitions(lathe_pch_${kind} PRIVATE ${LATHE_TEST_DEFINITIONS})
            target_precompile_headers(lathe_pch_${kind} PRIVATE <QTest> <QSignalSpy> <QTemporaryDir>)
        endif()
    endif()
    target_precompile_headers(${target} REUSE_FROM lathe_pch_${kind})
endfunction()

function(lathe_module folder)
    cmake_parse_arguments(M "" "" "USES;LINK;PRIVATE_LINK" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.cpp ${CMAKE_SOURCE_DIR}/${folder}/*.h)
    if(NOT sources)
        return()
    endif()
    if(NOT DEFINED LATHE_MAY_USE_${folder})
        message(FATAL_ERROR "${folder} is not in the dependency table of LatheLayers.cmake")
    endif()
    lathe_target_name(${folder} target)
    add_library(${target} ${LATHE_MODULE_TYPE} ${sources})
    set_target_properties(${target} PROPERTIES DEFINE_SYMBOL "") # the precompiled headers know none
    foreach(used ${M_USES})
        if(NOT used IN_LIST LATHE_MAY_USE_${folder})
            message(FATAL_ERROR "${folder} may not use ${used} (packaging/cmake/LatheLayers.cmake)")
        endif()
        lathe_target_name(${used} dependency)
        if(TARGET ${dependency}) # a folder without sources has none
            target_link_libraries(${target} PUBLIC ${dependency})
        endif()
    endforeach()
    target_link_libraries(${target} PUBLIC ${M_LINK} PRIVATE ${M_PRIVATE_LINK})
    if(folder MATCHES "^ui/" AND NOT folder STREQUAL "ui/itemmodels")
        lathe_pch(${target} widgets)
    else()
        lathe_pch(${target} core)
    endif()
endfunction()
