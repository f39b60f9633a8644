// HandModel and HandKinematics.

#include "bindings.hpp"
#include "handloop/mujoco_hand.hpp"

namespace handloop::bindings {

namespace {

void check_finger(const HandKinematics& hand, int finger) {
  if (finger < 0 || finger >= hand.model().finger_count) {
    throw py::index_error("finger " + std::to_string(finger) + " of a hand with " +
                          std::to_string(hand.model().finger_count));
  }
}

}  // namespace

void bind_model(py::module_& m) {
  py::class_<Link>(m, "Link")
      .def_readonly("parent", &Link::parent)
      .def_property_readonly("is_hinge", [](const Link& l) { return l.kind == JointKind::kHinge; })
      .def_readonly("parent_from_link_position", &Link::parent_from_link_position)
      .def_readonly("parent_from_link_rotation", &Link::parent_from_link_rotation)
      .def_readonly("anchor", &Link::anchor)
      .def_readonly("axis", &Link::axis)
      .def_readonly("reference", &Link::reference)
      .def_readonly("mass", &Link::mass)
      .def_readonly("com", &Link::com)
      .def_readonly("inertia", &Link::inertia)
      .def_readonly("armature", &Link::armature);

  py::class_<Tip>(m, "Tip")
      .def_readonly("link", &Tip::link)
      .def_readonly("link_from_tip_position", &Tip::link_from_tip_position)
      .def_readonly("link_from_tip_rotation", &Tip::link_from_tip_rotation);

  py::class_<HandModel>(m, "HandModel")
      .def(py::init([](const py::object& model, std::vector<int> joints, std::vector<int> tips) {
             return read_hand(address_of<mjModel>(model), {std::move(joints), std::move(tips)});
           }),
           py::arg("model"), py::arg("joint_ids"), py::arg("tip_ids"))
      .def_readonly("joint_count", &HandModel::joint_count)
      .def_readonly("finger_count", &HandModel::finger_count)
      .def_readonly("base_position", &HandModel::base_position)
      .def_readonly("base_rotation", &HandModel::base_rotation)
      .def_readonly("gravity", &HandModel::gravity)
      .def_property_readonly("links",
                             [](const HandModel& hand) {
                               const auto first = hand.link.begin();
                               return std::vector<Link>(first, first + hand.joint_count);
                             })
      .def_property_readonly("tips",
                             [](const HandModel& hand) {
                               const auto first = hand.tip.begin();
                               return std::vector<Tip>(first, first + hand.finger_count);
                             })
      .def_property_readonly("mass", [](const HandModel& hand) {
        double mass = 0.0;
        for (int i = 0; i < hand.joint_count; ++i)
          mass += hand.link[static_cast<std::size_t>(i)].mass;
        return mass;
      });

  using K = HandKinematics;
  const auto joints = [](const K& k, const std::vector<double>& v, const char* name) {
    return joint_vector(v, k.model().joint_count, name);
  };
  py::class_<K>(m, "HandKinematics")
      .def(py::init<const HandModel&>(), py::arg("hand"))
      .def_property_readonly("joint_count", [](const K& k) { return k.model().joint_count; })
      .def_property_readonly("finger_count", [](const K& k) { return k.model().finger_count; })
      .def(
          "update_position",
          [joints](K& k, const std::vector<double>& q) { k.update_position(joints(k, q, "q")); },
          py::arg("q"))
      .def("joint_positions",
           [](const K& k) {
             Eigen::MatrixX3d positions(k.model().joint_count, 3);
             for (int i = 0; i < k.model().joint_count; ++i) positions.row(i) = k.joint_position(i);
             return positions;
           })
      .def(
          "tip_position",
          [](const K& k, int f) { return check_finger(k, f), Eigen::Vector3d(k.tip_position(f)); },
          py::arg("finger"))
      .def(
          "tip_rotation",
          [](const K& k, int f) { return check_finger(k, f), Eigen::Matrix3d(k.tip_rotation(f)); },
          py::arg("finger"))
      .def(
          "tip_jacobian",
          [](const K& k, int f) { return check_finger(k, f), Eigen::Matrix3Xd(k.tip_jacobian(f)); },
          py::arg("finger"))
      .def(
          "tip_rotation_jacobian",
          [](const K& k, int f) {
            return check_finger(k, f), Eigen::Matrix3Xd(k.tip_rotation_jacobian(f));
          },
          py::arg("finger"))
      .def("gravity_torque", [](K& k) { return Eigen::VectorXd(k.gravity_torque()); })
      .def(
          "bias_torque",
          [joints](K& k, const std::vector<double>& dq) {
            return Eigen::VectorXd(k.bias_torque(joints(k, dq, "dq")));
          },
          py::arg("dq"))
      .def(
          "inverse_dynamics",
          [joints](K& k, const std::vector<double>& dq, const std::vector<double>& ddq) {
            return Eigen::VectorXd(k.inverse_dynamics(joints(k, dq, "dq"), joints(k, ddq, "ddq")));
          },
          py::arg("dq"), py::arg("ddq"))
      .def(
          "energy_gradient",
          [joints](K& k, const std::vector<double>& dq) {
            const EnergyGradient gradient = k.energy_gradient(joints(k, dq, "dq"));
            return py::make_tuple(Eigen::VectorXd(gradient.momentum),
                                  Eigen::VectorXd(gradient.position));
          },
          py::arg("dq"))
      .def("joint_inertia", [](K& k) { return Eigen::MatrixXd(k.joint_inertia()); });
}

}  // namespace handloop::bindings
