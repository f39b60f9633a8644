// The Python module handloop._core.

#include <mujoco/mujoco.h>
#include <pybind11/pybind11.h>

PYBIND11_MODULE(_core, m) {
  m.doc() = "Native core of handloop.";

  m.attr("MUJOCO_HEADER_VERSION") = mjVERSION_HEADER;
  m.def("mujoco_version", &mj_version, "Version number of the MuJoCo library that is loaded.");
}
