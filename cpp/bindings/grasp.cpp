// The optimiser of grasp forces.

#include "handloop/grasp_force.hpp"

#include <memory>

#include "bindings.hpp"

namespace handloop::bindings {

namespace {

void need(bool ok, const std::string& what) {
  if (!ok) throw py::value_error(what);
}

GraspContact contact(const Vec3& position, const Vec3& normal, double friction, double force_min,
                     double force_max, double weight, const Eigen::MatrixX3d& torque_arm,
                     const Eigen::VectorXd& torque_low, const Eigen::VectorXd& torque_high) {
  need(std::abs(normal.norm() - 1.0) < 1e-7, "normal must have length 1");
  need(friction >= 0.0, "friction must not be negative");
  need(force_min >= 0.0 && force_min <= force_max,
       "force_min must not be negative nor larger than force_max");
  need(weight > 0.0, "weight must be positive");
  const Eigen::Index rows = torque_arm.rows();
  need(rows <= kMaxTorqueRows, "torque_arm has " + std::to_string(rows) +
                                   " rows; a contact has at most " +
                                   std::to_string(kMaxTorqueRows));
  need(torque_low.size() == rows && torque_high.size() == rows,
       "torque_low and torque_high need one entry for each row of torque_arm");
  need((torque_low.array() <= torque_high.array()).all(),
       "torque_low must not be above torque_high");
  GraspContact c{position, normal, friction, force_min, force_max, weight, static_cast<int>(rows),
                 {}};
  for (int k = 0; k < c.row_count; ++k) {
    c.row[static_cast<std::size_t>(k)] = {torque_arm.row(k), torque_low[k], torque_high[k]};
  }
  return c;
}

GraspForceConfig config(double length, double wrench_tolerance, double closeness,
                        int max_iterations, int max_work) {
  need(length > 0.0 && std::isfinite(length), "length must be positive");
  need(wrench_tolerance > 0.0, "wrench_tolerance must be positive");
  need(closeness > 0.0 && std::isfinite(closeness), "closeness must be positive");
  need(max_iterations > 0, "max_iterations must be positive");
  need(max_work > 0, "max_work must be positive");
  return {length, wrench_tolerance, closeness, max_iterations, max_work};
}

GraspForceResult solve(GraspForceSolver& solver, const std::vector<GraspContact>& contacts,
                       const Vec6& wrench, const Vec3& origin) {
  need(contacts.size() <= kMaxFingers, std::to_string(contacts.size()) +
                                           " contacts; a hand has at most " +
                                           std::to_string(kMaxFingers) + " fingers");
  GraspProblem problem;
  problem.contact_count = static_cast<int>(contacts.size());
  std::copy(contacts.begin(), contacts.end(), problem.contact.begin());
  problem.wrench = wrench;
  problem.origin = origin;
  return solver.solve(problem);
}

Eigen::MatrixX3d forces(const GraspForceResult& r) {
  Eigen::MatrixX3d force(r.contact_count, 3);
  for (int i = 0; i < r.contact_count; ++i) force.row(i) = r.force[static_cast<std::size_t>(i)];
  return force;
}

}  // namespace

void bind_grasp(py::module_& m) {
  py::native_enum<GraspForceStatus>(m, "GraspForceStatus", "enum.IntEnum")
      .value("SOLVED", GraspForceStatus::kSolved)
      .value("INFEASIBLE", GraspForceStatus::kInfeasible)
      .value("NOT_CONVERGED", GraspForceStatus::kNotConverged)
      .value("UNFINISHED", GraspForceStatus::kUnfinished)
      .finalize();

  const GraspForceConfig usual;
  py::class_<GraspForceConfig>(m, "GraspForceConfig")
      .def(py::init(&config), py::kw_only(), py::arg("length") = usual.length,
           py::arg("wrench_tolerance") = usual.wrench_tolerance,
           py::arg("closeness") = usual.closeness, py::arg("max_iterations") = usual.max_iterations,
           py::arg("max_work") = usual.max_work)
      .def_readonly("length", &GraspForceConfig::length)
      .def_readonly("wrench_tolerance", &GraspForceConfig::wrench_tolerance)
      .def_readonly("closeness", &GraspForceConfig::closeness)
      .def_readonly("max_iterations", &GraspForceConfig::max_iterations)
      .def_readonly("max_work", &GraspForceConfig::max_work);

  const GraspContact plain;
  py::class_<GraspContact>(m, "GraspContact")
      .def(py::init(&contact), py::arg("position"), py::arg("normal"), py::kw_only(),
           py::arg("friction") = plain.friction, py::arg("force_min") = plain.force_min,
           py::arg("force_max") = plain.force_max, py::arg("weight") = plain.weight,
           py::arg("torque_arm") = Eigen::MatrixX3d(0, 3),
           py::arg("torque_low") = Eigen::VectorXd(0), py::arg("torque_high") = Eigen::VectorXd(0));

  py::class_<GraspResiduals>(m, "GraspResiduals")
      .def_readonly("cone", &GraspResiduals::cone)
      .def_readonly("bound", &GraspResiduals::bound)
      .def_readonly("torque", &GraspResiduals::torque)
      .def_readonly("wrench", &GraspResiduals::wrench)
      .def_readonly("gap", &GraspResiduals::gap);

  py::class_<GraspForceResult>(m, "GraspForceResult")
      .def_readonly("status", &GraspForceResult::status)
      .def_readonly("torque_relaxed", &GraspForceResult::torque_relaxed)
      .def_readonly("iterations", &GraspForceResult::iterations)
      .def_readonly("work", &GraspForceResult::work)
      .def_readonly("residual", &GraspForceResult::residual)
      .def_property_readonly("force", &forces);

  py::class_<GraspForceSolver>(m, "GraspForceSolver")
      .def(py::init<const GraspForceConfig&>(), py::arg("config") = usual)
      .def("solve", &solve, py::arg("contacts"), py::arg("wrench"),
           py::arg("origin") = Vec3(Vec3::Zero()))
      .def("reset", &GraspForceSolver::reset);
}

}  // namespace handloop::bindings
